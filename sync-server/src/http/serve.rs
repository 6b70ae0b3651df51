//! Takes connections: bounded in number, in the time a request's head may take, and in memory each.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt as _;

/// Connections open at once; further ones wait in the system's queue.
const CONNECTIONS: usize = 1_024;
/// Time for the head of a request, the wait between two requests of a connection included.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// Longest head of a request, in bytes.
const HEAD_BYTES: usize = 32 * 1024;
/// Time that requests under way have when the server stops.
const STOP_TIME: Duration = Duration::from_secs(10);

/// True once the server is to stop; stands in the extensions of every request, for answers that would go on for ever.
#[derive(Clone)]
pub struct Stopping(pub watch::Receiver<bool>);

/// Serves `app` until `stop` is ready, then lets requests under way finish.
pub async fn serve(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let (tell, stopping) = watch::channel(false);
    let stopping = Stopping(stopping);
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await.ok();
            (slot, listener.accept().await)
        };
        tokio::select! {
            (slot, accepted) = next => match accepted {
                Ok((stream, address)) => {
                    let connection = graceful.watch(connection(stream, address, stopping.clone(), app.clone()));
                    tokio::spawn(async move {
                        let _slot = slot;
                        if let Err(error) = connection.await {
                            tracing::debug!(%error, %address, "a connection broke off");
                        }
                    });
                }
                Err(error) => {
                    // Out of file handles, mostly: wait for some to be given back.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            () = &mut stop => break,
        }
    }
    drop(listener);
    tell.send_replace(true);
    if tokio::time::timeout(STOP_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("stopped before every request was answered");
    }
}

fn connection(
    stream: TcpStream,
    address: SocketAddr,
    stopping: Stopping,
    app: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(address));
        request.extensions_mut().insert(stopping.clone());
        app.clone().oneshot(request)
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
}
