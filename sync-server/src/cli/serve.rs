//! `loket serve`: prepares a data folder, prints how to get in, and serves until told to stop.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use clap::Args;
use replica::RoundId;
use replica::api::Role;
use tokio::net::TcpListener;

use super::code::{HOURS, enrol_address, picture};
use super::{CommandError, Data, PhotosAt};
use crate::catalogue::{compile, embedded};
use crate::clock;
use crate::http::{self, Shared};
use crate::identity::{Code, Grant};
use crate::server::{Places, Server};

#[derive(Args)]
pub struct Serve {
    /// Address and port; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", env = "LOKET_LISTEN")]
    listen: String,
    /// Where devices reach the server, such as <https://loket.example.org>; the listening address
    /// where left out.
    #[arg(long, env = "LOKET_PUBLIC_URL")]
    public_url: Option<String>,
    /// The round to open where none is.
    #[arg(long, default_value = "2026")]
    round: RoundId,
    #[command(flatten)]
    photos: PhotosAt,
    #[command(flatten)]
    data: Data,
}

impl Serve {
    pub fn run(self) -> Result<(), CommandError> {
        let Data { folder, database, methods } = &self.data;
        let places = Places {
            database: database.as_ref(),
            photos: self.photos.place.as_ref(),
            methods: methods.as_deref(),
        };
        let server = Server::open_with(folder, places)?.ok_or(CommandError::Running)?;
        publish_embedded(&server)?;
        if server.catalogue.rounds()?.is_empty() {
            server.catalogue.open_round(&self.round, clock::now())?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .max_blocking_threads(calls_at_once())
            .build()
            .map_err(CommandError::Start)?;
        let codes = fresh_codes(&server)?;
        runtime.block_on(self.serve(server, &codes))
    }

    async fn serve(self, server: Server, codes: &[(Role, Code)]) -> Result<(), CommandError> {
        let fault = |source| CommandError::Listen { address: self.listen.clone(), source };
        let listener = TcpListener::bind(&self.listen).await.map_err(fault)?;
        let address = listener.local_addr().map_err(fault)?;
        let public_url = self.public_url.clone().unwrap_or_else(|| local_url(address));
        let stop = stop_signal().map_err(CommandError::Start)?;
        print_welcome(codes, address, &public_url);
        let shared = Arc::new(Shared::new(server, public_url));
        http::serve(listener, http::router(Arc::clone(&shared)), stop).await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Calls that work on the log or the projection at the same time. What waits for the disk or another server waits in one of
/// them, so they are several a core; each keeps some megabytes, so they are not many.
fn calls_at_once() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    (8 * cores).clamp(16, 64)
}

/// An address that a browser on this machine can open: one for all interfaces is none.
fn local_url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://127.0.0.1:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

/// Publishes the workbooks of this version that never were; one with faults is told and left out.
fn publish_embedded(server: &Server) -> Result<(), CommandError> {
    for (name, workbook) in embedded() {
        match compile(&workbook, &()) {
            Ok(workbook) => {
                let compiled = workbook.compiled;
                if !server.catalogue.has_instrument(&compiled.hash)? {
                    server.catalogue.publish(&compiled, clock::now())?;
                    tracing::info!(name, hash = %compiled.hash, "published an instrument");
                }
            }
            Err(faults) => {
                for fault in faults {
                    tracing::error!("{name}: {fault}");
                }
                tracing::error!("{name} has faults and was not published");
            }
        }
    }
    Ok(())
}

/// What people and scripts read first. Scripts look for `listening on`, `code ROLE`.
fn print_welcome(codes: &[(Role, Code)], address: SocketAddr, public_url: &str) {
    let mut lines = Vec::new();
    for (role, code) in codes {
        let enrol = enrol_address(public_url, code);
        if *role == Role::Surveyor {
            println!(
                "\nLoket is at {public_url}\n\nEnrol a phone with this picture, or the surveyor's code below it:\n"
            );
            println!("{}", picture(&enrol));
        }
        lines.push(format!("code {} {code} {enrol}", role.as_str()));
    }
    for line in lines {
        println!("{line}");
    }
    println!("\nEach code enrols one device within {HOURS} hours; `loket code` makes more.");
    println!("listening on http://{address}");
}

/// A code for each role.
fn fresh_codes(server: &Server) -> Result<Vec<(Role, Code)>, CommandError> {
    let fresh = |role| {
        let grant = Grant { role, person: None, office: None, unit: None };
        Ok((role, server.identity.new_code(&grant, HOURS * 60 * 60, clock::now())?))
    };
    [Role::Surveyor, Role::Kiosk, Role::Coordinator].into_iter().map(fresh).collect()
}

/// Ready once the system asks the server to stop. Listens for that from now on, not only from
/// the first poll, so that a script may stop the server as soon as it listens.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ready once the system asks the server to stop.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
