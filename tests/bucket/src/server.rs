//! The server: `s3s-fs` behind a door that can be shut.

use std::convert::Infallible;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The one who may use the buckets.
pub const KEY: &str = "loket-tests";
/// What requests are signed with.
pub const SECRET: &str = "not a secret";

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A folder, a socket, a thread.
    #[error("the bucket's folder or socket: {0}")]
    Io(#[from] io::Error),
    /// The store over the folder.
    #[error("the store over the bucket's folder: {0}")]
    Store(String),
    /// A certificate.
    #[error("the bucket's certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    /// TLS.
    #[error("the bucket's TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// What the server does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// What it should.
    No,
    /// Answers 503 `SlowDown`, as a store that is overloaded or being mended.
    Busy,
    /// Closes every connection without an answer, as a machine that is gone.
    Gone,
    /// Takes requests and never answers.
    Silent,
    /// Answers 404 `NoSuchBucket`, as a store in which somebody removed it.
    Removed,
    /// Does what is asked and closes the connection before it says so.
    AfterTheFact,
}

/// A running server with buckets; it ends when it is dropped.
pub struct Bucket {
    address: SocketAddr,
    folder: TempDir,
    certificate: Option<PathBuf>,
    shared: Arc<Shared>,
    _runtime: Runtime,
}

struct Shared {
    store: S3Service,
    away: RwLock<Away>,
    asked: AtomicUsize,
}

impl Bucket {
    /// Starts a server with one empty bucket of this name.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn start(name: &str) -> Result<Self, Fault> {
        Self::built(name, false)
    }

    /// The same behind TLS, with a certificate of its own ([`Self::certificate`]).
    ///
    /// # Errors
    /// [`Fault`].
    pub fn start_with_tls(name: &str) -> Result<Self, Fault> {
        Self::built(name, true)
    }

    fn built(name: &str, tls: bool) -> Result<Self, Fault> {
        let folder = tempfile::tempdir()?;
        fs::create_dir_all(folder.path().join("buckets").join(name))?;
        let store = s3s_fs::FileSystem::new(folder.path().join("buckets"));
        let store = store.map_err(|error| Fault::Store(format!("{error:?}")))?;
        let mut service = S3ServiceBuilder::new(store);
        service.set_auth(SimpleAuth::from_single(KEY, SECRET));
        let shared = Arc::new(Shared {
            store: service.build(),
            away: RwLock::new(Away::No),
            asked: AtomicUsize::new(0),
        });
        let (acceptor, certificate) = if tls {
            let (acceptor, path) = acceptor(folder.path())?;
            (Some(acceptor), Some(path))
        } else {
            (None, None)
        };
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?;
        runtime.spawn(listen(listener, acceptor, Arc::clone(&shared)));
        Ok(Self { address, folder, certificate, shared, _runtime: runtime })
    }

    /// Where it is, as `AWS_ENDPOINT` takes it.
    pub fn endpoint(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://localhost:{}", self.address.port())
    }

    /// The file of the certificate that vouches for it.
    pub fn certificate(&self) -> Option<&Path> {
        self.certificate.as_deref()
    }

    /// The file of an object.
    pub fn object(&self, bucket: &str, key: &str) -> PathBuf {
        self.folder.path().join("buckets").join(bucket).join(key)
    }

    /// Goes away, or comes back.
    pub fn is_away(&self, away: Away) {
        *self.shared.away.write().unwrap_or_else(PoisonError::into_inner) = away;
    }

    /// Requests that have come in so far.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }
}

/// A certificate for this machine's own name, and the file that others trust it by.
fn acceptor(folder: &Path) -> Result<(TlsAcceptor, PathBuf), Fault> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let path = folder.join("certificate.pem");
    fs::write(&path, made.cert.pem())?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    Ok((TlsAcceptor::from(Arc::new(config)), path))
}

async fn listen(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    while let Ok((socket, _)) = listener.accept().await {
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            let line = match acceptor {
                Some(acceptor) => match acceptor.accept(socket).await {
                    Ok(line) => Line::Tls(Box::new(line)),
                    Err(_) => return,
                },
                None => Line::Plain(socket),
            };
            let answer = service_fn(move |request| answer(Arc::clone(&shared), request));
            // A connection that broke off is what some tests want.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(line), answer).await;
        });
    }
}

/// Ends a connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("away")]
struct Cut;

impl From<Infallible> for Cut {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Cut> {
    shared.asked.fetch_add(1, Ordering::SeqCst);
    let away = *shared.away.read().unwrap_or_else(PoisonError::into_inner);
    match away {
        Away::Busy => refused(request, StatusCode::SERVICE_UNAVAILABLE, "SlowDown").await,
        Away::Removed => refused(request, StatusCode::NOT_FOUND, "NoSuchBucket").await,
        Away::Gone => Err(Cut),
        Away::Silent => std::future::pending().await,
        Away::No | Away::AfterTheFact => {
            let (head, body) =
                shared.store.call(request.map(s3s::Body::from)).await.map_err(|_| Cut)?.into_parts();
            let body = body.collect().await.map_err(|_| Cut)?.to_bytes();
            if away == Away::AfterTheFact { Err(Cut) } else { Ok(Response::from_parts(head, body.into())) }
        }
    }
}

/// The answer of a store that does not do what is asked, once all of it has come in.
async fn refused(
    request: Request<Incoming>,
    status: StatusCode,
    code: &str,
) -> Result<Response<Full<Bytes>>, Cut> {
    request.into_body().collect().await.map_err(|_| Cut)?;
    let words = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code></Error>");
    let mut response = Response::new(Full::from(words));
    *response.status_mut() = status;
    Ok(response)
}

/// A connection, plain or not.
enum Line {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, on: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(line) => Pin::new(line).poll_read(on, into),
            Self::Tls(line) => Pin::new(line).poll_read(on, into),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, on: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(line) => Pin::new(line).poll_write(on, bytes),
            Self::Tls(line) => Pin::new(line).poll_write(on, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, on: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(line) => Pin::new(line).poll_flush(on),
            Self::Tls(line) => Pin::new(line).poll_flush(on),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, on: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(line) => Pin::new(line).poll_shutdown(on),
            Self::Tls(line) => Pin::new(line).poll_shutdown(on),
        }
    }
}
