//! A `loket` of its own, as a process on a folder that is gone afterwards.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use replica::api::Role;

use crate::fault::Fault;

const UNITS: &str = "unit,government,province,kind,office
Dukcapil,Kota Pangkalpinang,Kepulauan Bangka Belitung,dinas,babel
";

/// A running server; killed when it is dropped.
pub struct Loket {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
    binary: String,
    folder: tempfile::TempDir,
}

impl Loket {
    /// Starts the program on an empty folder with one unit in it.
    ///
    /// # Errors
    /// [`Fault`] where it does not start.
    pub fn start(binary: &str) -> Result<Self, Fault> {
        Self::start_with(binary, UNITS)
    }

    /// The same with these units, as CSV.
    ///
    /// # Errors
    /// As there.
    pub fn start_with(binary: &str, units: &str) -> Result<Self, Fault> {
        let folder = tempfile::tempdir().map_err(Fault::io("a folder for the server"))?;
        let list = folder.path().join("units.csv");
        std::fs::write(&list, units).map_err(Fault::io("the list of units"))?;
        let data = folder.path().join("data");
        let mut import = Command::new(binary);
        import.args(["units", "import"]).arg(&list).arg("--data").arg(&data).stdout(Stdio::null());
        let imported = import.status().map_err(Fault::io(binary))?;
        if !imported.success() {
            return Err(Fault::Server("the units were not imported".to_owned()));
        }
        let mut serve = Command::new(binary);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&data).env("LOKET_LOG", "error");
        let mut child = serve.stdout(Stdio::piped()).spawn().map_err(Fault::io(binary))?;
        let mut address = None;
        for line in child.stdout.take().map(|out| BufReader::new(out).lines()).into_iter().flatten() {
            let line = line.map_err(Fault::io("what the server prints"))?;
            if let Some(found) = line.strip_prefix("listening on http://") {
                address = found.parse().ok();
                break;
            }
        }
        let address = address.ok_or_else(|| Fault::Server("it ended before it listened".to_owned()))?;
        Ok(Self { address, child, binary: binary.to_owned(), folder })
    }

    /// A new enrolment code.
    ///
    /// # Errors
    /// [`Fault`] where the server gives none.
    pub fn code(&self, role: Role) -> Result<String, Fault> {
        let mut command = Command::new(&self.binary);
        command.args(["code", "--role", role.as_str(), "--data"]).arg(self.data());
        let output = command.output().map_err(Fault::io("loket code"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let code = text.lines().map(str::trim).find(|line| !line.is_empty());
        code.map(str::to_owned).ok_or_else(|| Fault::Server(format!("no code in: {text}")))
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// The most memory that the process ever held, in megabytes.
    ///
    /// # Errors
    /// [`Fault::Io`] where the system does not say.
    pub fn memory(&self) -> Result<f64, Fault> {
        memory_of(&self.child.id().to_string())
    }
}

/// The most memory that a process ever held, in megabytes; `self` is this one.
///
/// # Errors
/// [`Fault::Io`] where the system does not say.
pub fn memory_of(process: &str) -> Result<f64, Fault> {
    let path = Path::new("/proc").join(process).join("status");
    let status = std::fs::read_to_string(&path).map_err(Fault::io(path.display().to_string()))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    let kilobytes: f64 = peak.and_then(|text| text.parse().ok()).unwrap_or_default();
    Ok(kilobytes / 1024.0)
}

impl Drop for Loket {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::io::stdout().flush();
    }
}
