use super::*;
use std::path::Path;

/// A program of one section, the code, with these functions in it.
fn program(functions: &[&[u8]]) -> Vec<u8> {
    let mut body = reader::write(functions.len() as u64);
    for function in functions {
        body.extend(reader::write(function.len() as u64));
        body.extend(*function);
    }
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    wasm.push(10);
    wasm.extend(reader::write(body.len() as u64));
    wasm.extend(body);
    wasm.extend([0, 3, 2, b'a', b'b']);
    wasm
}

fn unpacked(packed: &[u8]) -> Vec<u8> {
    let folder = std::env::temp_dir().join(format!("loket-pack-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (from, to) = (folder.join("app.packed"), folder.join("app.wasm"));
    std::fs::write(&from, packed).unwrap();
    unpack(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap(), &from, &to).unwrap();
    let wasm = std::fs::read(&to).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    wasm
}

/// Every kind of operation, with short and long numbers. None of it need make sense, only be written as wasm is.
const EVERY_KIND: &[u8] = &[
    2, 3, 0x7f, 200, 1, 0x7e, // locals
    0x02, 0x40, 0x03, 0x7f, 0x04, 0x90, 0x01, 0x05, 0x0b, 0x0b, 0x0b, // blocks
    0x0c, 0, 0x0d, 200, 1, 0x0e, 2, 1, 200, 1, 0, 0x0f, 0x00, 0x01, // branches
    0x10, 200, 1, 0x11, 129, 1, 0, 0xd2, 7, 0xd0, 0x70, 0xd1, // calls
    0x1a, 0x1b, 0x1c, 1, 0x7f, 0x23, 0, 0x24, 130, 1, 0x25, 0, 0x26, 0, // choices, globals, tables
    0x20, 2, 0x21, 0, 0x22, 200, 1, 0x20, 2, 0x20, 1, 0x20, 0, 0x20, 201, 1, 0x21, 200, 1, 0x20,
    3, // locals
    0x28, 2, 200, 1, 0x28, 0, 4, 0x29, 3, 0, 0x3e, 2, 16, 0x37, 0, 255, 255, 3, 0x3f, 0, 0x40,
    0, // memory
    0x41, 0x7f, 0x41, 0x80, 0x80, 0xc0, 0, 0x42, 0x80, 0x7f, 0x43, 1, 2, 3, 4, 0x44, 1, 2, 3, 4, 5, 6, 7, 8,
    0x45, 0x6a, 0xc4, 0xfc, 7, 0xfc, 8, 1, 0, 0xfc, 9, 1, 0xfc, 10, 0, 0, 0xfc, 11, 0, 0xfc, 12, 1, 0, 0xfc,
    13, 1, 0xfc, 14, 0, 0, 0xfc, 15, 0, 0xfc, 16, 0, 0xfc, 17, 0, // numbers, memory, tables
    0x0b,
];

#[test]
fn a_phone_unpacks_the_very_bytes_that_were_packed() {
    let long = [vec![0], vec![0x01; 20_000], vec![0x0b]].concat();
    let wasm = program(&[EVERY_KIND, &[0, 0x0b], &long, EVERY_KIND]);
    assert_eq!(unpacked(&pack(&wasm).unwrap()), wasm);
}

#[test]
fn what_is_not_known_is_refused() {
    for operation in [0x06, 0x12, 0x27, 0xc5, 0xfd] {
        assert!(pack(&program(&[&[0, operation, 0, 0x0b]])).is_err(), "{operation:#x}");
    }
    // A number longer than need be, a second memory, a function cut off.
    for function in [[0, 0x20, 0x80, 0x00, 0x0b].as_slice(), &[0, 0x28, 0x42, 0, 0, 0x0b], &[0, 0x41]] {
        assert!(pack(&program(&[function])).is_err(), "{function:?}");
    }
}

#[test]
fn seams_part_the_streams() {
    let packed = pack(&program(&[EVERY_KIND])).unwrap();
    let seams = seams(&packed).unwrap();
    assert_eq!((seams.len(), seams.first(), seams.last()), (STREAMS + 1, Some(&64), Some(&packed.len())));
    assert_eq!(super::seams(b"\0asm"), None);
}
