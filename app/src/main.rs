//! The program that Trunk bundles.

fn main() {
    loket_app::start();
}
