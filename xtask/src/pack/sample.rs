//! A program with every operation that can be packed, to hold packing and unpacking against each other.

use super::reader;

/// A program with every kind of operation, and functions of lengths that take one byte, two and three.
pub fn every_kind() -> Vec<u8> {
    let long = [vec![0], vec![0x01; 20_000], vec![0x0b]].concat();
    program(&[EVERY_KIND, &[0, 0x0b], &long, EVERY_KIND])
}

/// A program of one section, the code, with these functions in it.
pub(super) fn program(functions: &[&[u8]]) -> Vec<u8> {
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
