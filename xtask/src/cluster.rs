//! `cargo xtask cluster`: a PostgreSQL primary, its synchronous standby and two servers on this machine, to try out.

use std::io::stdin;
use std::net::TcpListener;
use std::path::Path;
use std::process::Child;

use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::serve::{SAMPLE_UNITS, build_server};
use crate::{run, setup};

const SCRIPT: &str = "sync-server/cluster/cluster.sh";

/// Starts everything, waits for the Enter key, and takes all of it down again.
pub fn cluster(ground: &Ground) -> Result<()> {
    setup::database(ground);
    let loket = build_server(ground, false)?;
    // Where PostgreSQL's own user may go, too.
    let folder = std::env::temp_dir().join(format!("loket-cluster-{}", std::process::id()));
    let made = start(ground, &loket, &folder);
    if let Err(failure) = &made {
        eprintln!("{failure}");
    } else {
        println!("\nTry: {SCRIPT} kill {0} one; {SCRIPT} promote {0}", folder.display());
        println!("Press Enter to end it.");
        let _ = stdin().read_line(&mut String::new());
    }
    for mut server in made.unwrap_or_default() {
        // Ended or gone by itself meanwhile: either is as good.
        let _ = server.kill();
        let _ = server.wait();
    }
    for name in ["one", "two"] {
        // Missing where the start failed before.
        let _ = std::fs::remove_dir_all(folder.with_extension(name));
    }
    run::stream(
        run::command(ground.at(SCRIPT), &ground.root).arg("remove").arg(&folder),
        "Look for processes called postgres, and end them.",
    )
}

fn start(ground: &Ground, loket: &Path, folder: &Path) -> Result<Vec<Child>> {
    let mut pair = run::command(ground.at(SCRIPT), &ground.root);
    pair.arg("pair").arg(folder).args([free_port()?, free_port()?]);
    let address = run::output(&mut pair).ok_or_else(|| {
        Failure::new("the cluster did not start", format!("Run {SCRIPT} by hand and look at what it says."))
    })?;
    println!("PostgreSQL is at {address}");
    let data = |name: &str| folder.with_extension(name);
    let mut import = run::command(loket, &ground.root);
    import.args(["units", "import", SAMPLE_UNITS, "--log", &address, "--data"]).arg(data("one"));
    run::stream(&mut import, "Look at the error above.")?;
    let mut servers = Vec::new();
    for name in ["one", "two"] {
        let mut server = run::command(loket, &ground.root);
        server.args(["serve", "--listen", "127.0.0.1:0", "--log", &address, "--data"]).arg(data(name));
        let child = server.spawn();
        servers.push(child.map_err(|error| Failure::new(format!("{name}: {error}"), "Look above."))?);
    }
    Ok(servers)
}

fn free_port() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = listener.map_err(|error| Failure::new(format!("no free port: {error}"), "Try again."))?;
    Ok(address.port().to_string())
}
