use super::sample::program;
use super::*;

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
    let packed = pack(&every_kind()).unwrap();
    let seams = seams(&packed).unwrap();
    assert_eq!((seams.len(), seams.first(), seams.last()), (STREAMS + 1, Some(&64), Some(&packed.len())));
    assert_eq!(super::seams(b"\0asm"), None);
}
