//! A bucket of an S3-compatible store, opened as the environment says, and what may be wrong with that.

use std::env;
use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, Error, ObjectStore, RetryConfig};

use super::PhotoError;

/// How long a server that starts waits for a bucket's first word.
const FIRST_WORD: Duration = Duration::from_secs(10);

/// The bucket, as yet unasked.
pub fn open(bucket: &str, prefix: &str) -> Result<Arc<dyn ObjectStore>, PhotoError> {
    // The program's TLS, once; it is there already where a second place is opened.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // A phone waits for the answer, and asks again where it is told that the store is away.
    let retry =
        RetryConfig { max_retries: 3, retry_timeout: Duration::from_secs(15), ..RetryConfig::default() };
    let times = ClientOptions::new()
        .with_connect_timeout(Duration::from_secs(5))
        .with_timeout(Duration::from_secs(30));
    // Plain HTTP only where the environment allows it, for a store inside one's own network.
    let allowed = env::var("AWS_ALLOW_HTTP").is_ok_and(|word| word.eq_ignore_ascii_case("true"));
    let builder = AmazonS3Builder::from_env();
    let endpoint = builder.get_config_value(&AmazonS3ConfigKey::Endpoint).unwrap_or_default();
    if endpoint.starts_with("http://") && !allowed {
        let why = "AWS_ENDPOINT has no TLS; name one that begins with https://, or set AWS_ALLOW_HTTP=true for a \
                   store inside your own network";
        return Err(refused(bucket, why));
    }
    let built = builder
        .with_client_options(times.with_allow_http(allowed))
        .with_bucket_name(bucket)
        .with_retry(retry)
        .build();
    let store = built.map_err(|error| {
        refused(bucket, &format!("the environment does not say enough ({}): {error}", keys(&error)))
    })?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}

/// Asks a bucket for a name, so that whoever starts a server is told at once what no waiting mends. A bucket that does not
/// answer is away: the server starts all the same, since it takes in everything but photos meanwhile.
pub async fn ask(bucket: &str, store: &dyn ObjectStore) -> Result<(), PhotoError> {
    let asked = tokio::time::timeout(FIRST_WORD, async { store.list(None).try_next().await }).await;
    match asked {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => {
            let said = told(&error);
            if !is_final(&said) {
                tracing::warn!(bucket, cause = said, "the bucket is away; photos wait on their phones");
                return Ok(());
            }
            let why = format!(
                "check its name, AWS_ENDPOINT, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and that the \
                 key may list, read and write there: {said}"
            );
            Err(refused(bucket, &why))
        }
        Err(_) => {
            tracing::warn!(bucket, "the bucket gives no answer; photos wait on their phones");
            Ok(())
        }
    }
}

fn refused(bucket: &str, why: &str) -> PhotoError {
    PhotoError::Bucket { bucket: bucket.to_owned(), why: why.to_owned() }
}

/// The variables that a fault of the builder is about, which it calls by its own names.
fn keys(error: &Error) -> &'static str {
    let said = told(error);
    if said.contains("SecretAccessKey") {
        "AWS_SECRET_ACCESS_KEY is missing"
    } else if said.contains("AccessKeyId") {
        "AWS_ACCESS_KEY_ID is missing"
    } else {
        "see the variables that begin with AWS_"
    }
}

/// What a request came to, with its causes where they say more.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let more = deeper.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = deeper.source();
    }
    text
}

/// True where the store answered that the request is none that it will ever take. Listing has no error of its own for it,
/// so its text is looked at: the status is in it.
fn is_final(said: &str) -> bool {
    let status = said.split_once("status code: ").and_then(|(_, rest)| rest.get(..3));
    status.is_some_and(|status| status.starts_with('4') && !["408", "429"].contains(&status))
}
