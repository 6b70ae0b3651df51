//! Puts the app together: the program through wasm-bindgen, wasm-opt and our packer, and `app/index.html` with whatever
//! it names, under names that change with the content, so that browsers may keep each for ever.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::failure::{Failure, Result};
use crate::ground::Ground;
use crate::pack;
use crate::precache::short_name;
use crate::run;
use crate::setup::BundlingTools;
use crate::wasm::{TARGET, Toolchain};

/// What `wasm-opt` may use; all browsers of the last four years have it. Chromium refuses what `--all-features` writes.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// The styles of what is seen before anything else.
const FIRST_PAINT: &str = "styles/first-paint.css";

/// Copied from `public/` as they are.
const PUBLIC: [&str; 3] = ["manifest.webmanifest", "robots.txt", "sw.js"];

/// Where `app/index.html` wants the program, as Trunk reads it.
const PROGRAM: &str = r#"<link data-trunk rel="rust" href="Cargo.toml" data-bin="app" />"#;

/// Builds the app into an empty folder.
pub fn assemble(ground: &Ground, toolchain: Toolchain, tools: &BundlingTools, stage: &Path) -> Result<()> {
    let program = program(ground, toolchain, tools)?;
    make_folder(stage)?;
    let mut page = dressed(&plain(&read_text(&ground.at("app/index.html"))?), &ground.at("app"), stage)?;
    if page.matches(PROGRAM).count() != 1 {
        return Err(Failure::new(
            "app/index.html has no place for the program",
            format!("It must hold {PROGRAM} once."),
        ));
    }
    let unpacker = keep(&program.unpacker, stage)?;
    let (script, packed) = (keep(&program.script, stage)?, keep(&program.packed, stage)?);
    page = page.replace(PROGRAM, &start(&unpacker, &script, &packed));
    write(&stage.join("index.html"), page.as_bytes())?;
    for name in PUBLIC {
        write(&stage.join(name), &read(&ground.at("public").join(name))?)?;
    }
    copy_icons(&ground.at("public/icons"), &stage.join("icons"))
}

/// The JavaScript and the packed wasm of the app, and what unpacks it, ready to be served.
struct Program {
    script: PathBuf,
    packed: PathBuf,
    unpacker: PathBuf,
}

fn program(ground: &Ground, toolchain: Toolchain, tools: &BundlingTools) -> Result<Program> {
    let mut cargo = run::command(toolchain.cargo(), &ground.root);
    toolchain.apply_small(&mut cargo, ground);
    cargo.args([
        "build",
        "--package",
        "app",
        "--bin",
        "app",
        "--target",
        TARGET,
        "--profile",
        "wasm-release",
    ]);
    run::stream(&mut cargo, "Look at the first error above: most often the app does not compile.")?;

    let built = toolchain.target(ground).join(TARGET).join("wasm-release/app.wasm");
    let out = ground.memory()?.join("program");
    let mut bindgen = run::command(&tools.bindgen, &ground.root);
    bindgen
        .args(["--target", "web", "--no-typescript", "--out-name", "app", "--out-dir"])
        .arg(&out)
        .arg(&built);
    run::stream(&mut bindgen, "Is wasm-bindgen of the version that Cargo.lock names?")?;
    if out.join("snippets").exists() {
        return Err(Failure::new(
            "a crate brings JavaScript of its own",
            "Let xtask/src/assemble.rs copy `snippets`.",
        ));
    }

    let wasm = out.join("small/app_bg.wasm");
    make_folder(&out.join("small"))?;
    let mut optimise = run::command(&tools.optimiser, &ground.root);
    optimise
        .args(["-Oz", "--low-memory-unused"])
        .args(FEATURES)
        .arg(out.join("app_bg.wasm"))
        .arg("--output")
        .arg(&wasm);
    run::stream(&mut optimise, "Look at what wasm-opt says above.")?;
    let unpacker = unpacker(ground, tools, &out)?;
    // What the app's own program may lack, too.
    packed(ground, &unpacker, &pack::every_kind(), &out.join("small/every-kind.packed"))?;
    let packed = packed(ground, &unpacker, &read(&wasm)?, &out.join("small/app.packed"))?;
    Ok(Program { script: out.join("app.js"), packed, unpacker })
}

/// `app/unpack.js` with the WebAssembly of `app/unpack.wat` in it.
fn unpacker(ground: &Ground, tools: &BundlingTools, out: &Path) -> Result<PathBuf> {
    let (plain, quick) = (out.join("unpack.wasm"), out.join("small/unpack.wasm"));
    let mut assemble = run::command(&tools.assembler, &ground.root);
    assemble.args(["--enable-bulk-memory", "app/unpack.wat", "--output"]).arg(&plain);
    run::stream(&mut assemble, "Look at what wasm-as says above of app/unpack.wat.")?;
    let mut optimise = run::command(&tools.optimiser, &ground.root);
    optimise.args(["-O3", "--enable-bulk-memory"]).arg(&plain).arg("--output").arg(&quick);
    run::stream(&mut optimise, "Look at what wasm-opt says above.")?;
    let script = read_text(&ground.at("app/unpack.js"))?.replace("__CODE__", &STANDARD.encode(read(&quick)?));
    let path = out.join("unpack.js");
    write(&path, script.as_bytes())?;
    Ok(path)
}

/// Packs a program into a file, and sees to it that phones get the same program out again.
fn packed(ground: &Ground, unpacker: &Path, program: &[u8], packed: &Path) -> Result<PathBuf> {
    let again = packed.with_extension("again.wasm");
    write(packed, &pack::pack(program)?)?;
    pack::unpack(&ground.root, unpacker, packed, &again)?;
    if read(&again)? != program {
        let remedy = "app/unpack.js, app/unpack.wat and xtask/src/pack.rs do not agree.";
        return Err(Failure::new("the packed program does not unpack to what it was", remedy));
    }
    Ok(packed.to_owned())
}

/// The page without what it tells Trunk, save where the program stands.
fn plain(page: &str) -> String {
    let copied = |line: &&str| !line.contains("data-trunk rel=\"copy-");
    let lines = page.split_inclusive('\n').filter(copied).map(|line| {
        if line.trim() == PROGRAM {
            line.to_owned()
        } else {
            line.replace("data-trunk rel=\"css\"", "rel=\"stylesheet\"").replace("data-trunk ", "")
        }
    });
    lines.collect()
}

/// The page with the files beside it that it names: scripts and what is seen first stand in it, so that nothing waits for
/// them, and all other styles are one file, since browsers fetch six at a time and the program is to be among them.
fn dressed(page: &str, folder: &Path, stage: &Path) -> Result<String> {
    let mut page = page.to_owned();
    let (mut styles, mut last) = (Vec::new(), String::new());
    for name in page_files(&page) {
        let text = read_text(&folder.join(&name))?;
        let sheet = format!("    <link rel=\"stylesheet\" href=\"{name}\" />\n");
        if name == FIRST_PAINT {
            page = page.replace(&sheet, &format!("    <style>\n{text}    </style>\n"));
        } else if page.contains(&sheet) {
            styles.extend(text.into_bytes());
            page = page.replace(&last, "");
            last = sheet;
        } else {
            let tag = format!("<script src=\"{name}\"></script>");
            page = page.replace(&tag, &format!("<script>\n{text}    </script>"));
        }
    }
    let Kept { name, integrity } = keep_as("app", "css", &styles, stage)?;
    let link = format!("    <link rel=\"stylesheet\" href=\"/{name}\" integrity=\"{integrity}\" />\n");
    Ok(page.replace(&last, &link))
}

/// The files beside `app/index.html` that it names, which are those without a `/` in front.
fn page_files(page: &str) -> Vec<String> {
    let named = |attribute: &str| {
        let parts: Vec<String> = page
            .split(attribute)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(str::to_owned)
            .collect();
        parts
    };
    let all = [named(" href=\""), named(" src=\"")].concat();
    all.into_iter().filter(|name| !name.starts_with('/') && name != "Cargo.toml").collect()
}

/// What starts the program: it is fetched at once, and where it comes packed, a worker that has begun meanwhile unpacks and
/// compiles it while the page is read. The packed program and the worker have no `integrity`: once the service worker is
/// there, it answers with what it checked and unpacked.
fn start(unpacker: &Kept, script: &Kept, packed: &Kept) -> String {
    let Kept { name, integrity } = script;
    let (unpacker, packed) = (&unpacker.name, &packed.name);
    format!(
        "<script>
      const program = (async () => {{
        const begin = () => new Worker('/{unpacker}');
        const fetched = fetch('/{packed}');
        let worker = navigator.serviceWorker?.controller ? null : begin();
        const answer = await fetched;
        if (!answer.ok) throw new Error(answer.status);
        if (answer.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(answer);
        const packed = await answer.arrayBuffer();
        worker ??= begin();
        return new Promise((resolve, reject) => {{
          worker.onmessage = ({{ data }}) => {{
            worker.terminate();
            if (data instanceof WebAssembly.Module) resolve(data);
            else reject(new Error(data));
          }};
          worker.onerror = reject;
          worker.postMessage(packed, [packed]);
        }});
      }})();
    </script>
    <link rel=\"modulepreload\" href=\"/{name}\" integrity=\"{integrity}\" crossorigin=\"anonymous\" />
    <script type=\"module\">
      import start from '/{name}';
      await start({{ module_or_path: await program }});
    </script>"
    )
}

/// A file under its new name, and what a browser checks it by.
struct Kept {
    name: String,
    integrity: String,
}

/// Copies a file to a name with its hash: `app.js` to `app-0123456789abcdef.js`.
fn keep(file: &Path, stage: &Path) -> Result<Kept> {
    let text =
        |part: Option<&OsStr>| part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default();
    keep_as(&text(file.file_stem()), &text(file.extension()), &read(file)?, stage)
}

fn keep_as(stem: &str, extension: &str, bytes: &[u8], stage: &Path) -> Result<Kept> {
    let digest = Sha256::digest(bytes);
    let hash = short_name(&digest);
    let name = format!("{stem}-{hash}.{extension}");
    write(&stage.join(&name), bytes)?;
    Ok(Kept { name, integrity: format!("sha256-{}", STANDARD.encode(digest)) })
}

fn copy_icons(from: &Path, to: &Path) -> Result<()> {
    make_folder(to)?;
    for entry in std::fs::read_dir(from).map_err(|error| Failure::file(from, &error))? {
        let entry = entry.map_err(|error| Failure::file(from, &error))?;
        write(&to.join(entry.file_name()), &read(&entry.path())?)?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Failure::file(path, &error))
}

fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).map_err(|error| Failure::file(path, &error))
}

fn make_folder(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| Failure::file(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_page_tells_trunk_is_not_shipped() {
        let page = format!(
            "  <link data-trunk rel=\"css\" href=\"styles/main.css\" />\n  <link data-trunk rel=\"copy-file\" href=\"../public/sw.js\" />\n  {PROGRAM}\n"
        );
        let plain = plain(&page);
        assert_eq!(plain, format!("  <link rel=\"stylesheet\" href=\"styles/main.css\" />\n  {PROGRAM}\n"));
        assert_eq!(page_files(&plain), ["styles/main.css"]);
    }

    #[test]
    fn a_page_names_the_files_that_stand_beside_it() {
        let page = r#"<link rel="icon" href="/icons/icon.svg" /><link rel="stylesheet" href="styles/main.css" /><script src="stopped.js"></script>"#;
        assert_eq!(page_files(page), ["styles/main.css", "stopped.js"]);
    }

    #[test]
    fn what_is_needed_first_stands_in_the_page_and_all_styles_are_one_file() {
        let folder = std::env::temp_dir().join(format!("loket-dressed-{}", std::process::id()));
        let stage = folder.join("stage");
        std::fs::create_dir_all(folder.join("styles")).unwrap();
        std::fs::create_dir_all(&stage).unwrap();
        for (name, text) in [
            ("stopped.js", "a()\n"),
            (FIRST_PAINT, "i{}\n"),
            ("styles/main.css", "b{}\n"),
            ("styles/form.css", "c{}\n"),
        ] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let sheet = |name: &str| format!("    <link rel=\"stylesheet\" href=\"{name}\" />\n");
        let sheets = [FIRST_PAINT, "styles/main.css", "styles/form.css"].map(sheet).concat();
        let page = format!("    <script src=\"stopped.js\"></script>\n{sheets}");
        let dressed = dressed(&page, &folder, &stage).unwrap();
        assert!(
            dressed
                .starts_with("    <script>\na()\n    </script>\n    <style>\ni{}\n    </style>\n    <link")
        );
        assert_eq!(
            (dressed.matches("<link").count(), dressed.matches("integrity").count()),
            (1, 1),
            "{dressed}"
        );
        let name = dressed.split('"').find_map(|part| part.strip_prefix("/app-")).unwrap();
        assert_eq!(std::fs::read(stage.join(format!("app-{name}"))).unwrap(), b"b{}\nc{}\n");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_name_changes_with_the_content_and_says_what_it_was() {
        let folder = std::env::temp_dir().join(format!("loket-assemble-{}", std::process::id()));
        let stage = folder.join("stage");
        std::fs::create_dir_all(&stage).unwrap();
        let file = folder.join("app.packed");
        std::fs::write(&file, "one").unwrap();
        let one = keep(&file, &stage).unwrap();
        std::fs::write(&file, "two").unwrap();
        let two = keep(&file, &stage).unwrap();
        assert_ne!(one.name, two.name);
        assert!(one.name.starts_with("app-") && one.name.ends_with(".packed"), "{}", one.name);
        assert_eq!(std::fs::read(stage.join(&one.name)).unwrap(), b"one");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
