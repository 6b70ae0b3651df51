//! The program that the bundle starts.

fn main() {
    loket_app::start();
}
