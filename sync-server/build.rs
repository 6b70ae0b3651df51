//! Makes the folder of the built app when a checkout has none, so that the server compiles without it.

use std::path::Path;
use std::{env, fs, io};

const PLACEHOLDER: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Loket</title>\n\
<p>The app has not been built yet. <code>cargo xtask serve</code> builds it.</p>\n</html>\n";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let here = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let root = Path::new(&here).join("..");
    let dist = root.join("dist");
    let index = dist.join("index.html");
    if !index.exists() {
        fs::create_dir_all(&dist)?;
        fs::write(index, PLACEHOLDER)?;
    }
    fs::create_dir_all(root.join("public/instruments"))?;
    // In release the files are part of the binary, so a new bundle means a new binary.
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=../dist");
        println!("cargo::rerun-if-changed=../public/instruments");
    }
    Ok(())
}
