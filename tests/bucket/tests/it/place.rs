//! What is wrong with a bucket is said when the server is started, in words that help.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use bucket::{Bucket, KEY};

use super::loket::{BUCKET, PLACE, command, said};

/// Starts a server that must end by itself, and returns what it says.
fn refused(command: &mut Command, place: &str) -> String {
    let kept = tempfile::tempdir().unwrap();
    let data = kept.path().join("data");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--photos", place, "--data", data.to_str().unwrap()];
    let mut child = command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut begins = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    if begins.any(|line| line.starts_with("listening on")) {
        let _ = child.kill();
        let _ = child.wait();
        panic!("it serves");
    }
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success(), "{}", said(&output));
    said(&output)
}

#[test]
fn a_bucket_that_does_not_exist_or_is_not_ours_keeps_the_server_from_starting() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let told = refused(&mut command(&bucket), "s3://another-bucket/2026");
    assert!(told.contains("another-bucket") && told.contains("NoSuchBucket"), "{told}");
    let told = refused(command(&bucket).env("AWS_SECRET_ACCESS_KEY", "wrong"), PLACE);
    assert!(told.contains("AWS_SECRET_ACCESS_KEY") && !told.contains("wrong"), "{told}");
    let told = refused(command(&bucket).env("AWS_ACCESS_KEY_ID", "nobody"), PLACE);
    assert!(told.contains("AWS_ACCESS_KEY_ID"), "{told}");
    let told = refused(command(&bucket).env_remove("AWS_SECRET_ACCESS_KEY"), PLACE);
    assert!(told.contains("AWS_SECRET_ACCESS_KEY") && !told.contains(KEY), "{told}");
}

#[test]
fn a_bucket_without_tls_is_refused_until_that_is_allowed() {
    let bucket = Bucket::start(BUCKET).unwrap();
    let told = refused(command(&bucket).env_remove("AWS_ALLOW_HTTP"), PLACE);
    assert!(told.contains("AWS_ALLOW_HTTP"), "{told}");
    assert_eq!(bucket.asked(), 0);
}
