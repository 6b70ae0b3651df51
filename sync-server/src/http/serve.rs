//! Takes connections: bounded in number, in the time a request's head may take, and in memory each.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
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
/// Most of them that one address may have.
const OF_ONE_ADDRESS: usize = CONNECTIONS / 2;
/// Time for the head of a request, the wait between two requests of a connection included.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// Longest head of a request, in bytes.
const HEAD_BYTES: usize = 32 * 1024;
/// Time that requests under way have when the server stops.
const STOP_TIME: Duration = Duration::from_secs(10);

/// True once the server is to stop; stands in the extensions of every request, for answers that would go on for ever.
#[derive(Clone)]
pub struct Stopping(pub watch::Receiver<bool>);

/// How many connections each address has open. One address never has so many that none is left for others; behind a
/// gateway, all devices have the gateway's.
#[derive(Clone, Default)]
struct Doors(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection of an address, counted for as long as this lives.
struct Entry(Doors, IpAddr);

impl Doors {
    fn enter(&self, address: IpAddr) -> Option<Entry> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= OF_ONE_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Entry(self.clone(), address))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut open = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.1);
            }
        }
    }
}

/// Serves `app` until `stop` is ready, then lets requests under way finish.
pub async fn serve(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let doors = Doors::default();
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
                    let Some(entry) = doors.enter(address.ip()) else {
                        tracing::debug!(%address, "too many connections of one address");
                        continue;
                    };
                    let connection = graceful.watch(connection(stream, address, stopping.clone(), app.clone()));
                    tokio::spawn(async move {
                        let _held = (slot, entry);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_never_takes_the_connections_of_all_others() {
        let doors = Doors::default();
        let [one, other] = [1, 2].map(|last| IpAddr::from([192, 0, 2, last]));
        let mut held: Vec<_> = (0..OF_ONE_ADDRESS).filter_map(|_| doors.enter(one)).collect();
        assert_eq!(held.len(), OF_ONE_ADDRESS);
        assert!(doors.enter(one).is_none());
        assert!(doors.enter(other).is_some());
        held.pop();
        assert!(doors.enter(one).is_some(), "a connection that ended makes room");
        drop(held);
        assert!(doors.0.lock().is_ok_and(|open| open.is_empty()));
    }
}
