//! Writing a backup piece by piece, so that no phone has to hold all photos at once.

use minicbor::Encoder;
use minicbor::encode::Error;
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;

use super::{NAME, Photo, Typed};
use crate::id::PublicKey;
use crate::wire::PushRequest;

/// Writes one backup. Every call gives the bytes that come next in the file.
pub struct Writer(Sha256);

impl Writer {
    /// Begins a backup made at `made_at` (Unix seconds) with these batches, each with its writer's key.
    pub fn begin(made_at: i64, batches: &[(PublicKey, PushRequest)]) -> (Self, Vec<u8>) {
        let mut writer = Self(Sha256::new());
        let bytes = writer.piece(|e| {
            e.array(6)?.str(NAME)?.i64(made_at)?.array(batches.len() as u64)?;
            for (key, request) in batches {
                e.array(2)?.encode(key)?.bytes(&request.to_cbor())?;
            }
            // How many photos can still be read shows only as they are.
            e.begin_array()?.ok()
        });
        (writer, bytes)
    }

    /// Adds a photo.
    pub fn photo(&mut self, photo: &Photo<'_>) -> Vec<u8> {
        let Photo { genesis, path, mime, bytes } = photo;
        self.piece(|e| e.array(4)?.encode(genesis)?.str(path)?.str(mime)?.bytes(bytes)?.ok())
    }

    /// Adds what was typed, and ends the file.
    pub fn end(mut self, typed: &[Typed]) -> Vec<u8> {
        let mut bytes = self.piece(|e| {
            e.end()?.array(typed.len() as u64)?;
            for Typed { genesis, tab, at, entry } in typed {
                e.array(4)?.encode(genesis)?.encode(tab)?.u64(*at)?.str(entry)?;
            }
            Ok(())
        });
        let sum: [u8; 32] = self.0.finalize().into();
        bytes.extend(piece_of(|e| e.bytes(&sum)?.ok()));
        bytes
    }

    fn piece(
        &mut self,
        write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Result<(), Error<Infallible>>,
    ) -> Vec<u8> {
        let bytes = piece_of(write);
        self.0.update(&bytes);
        bytes
    }
}

fn piece_of(write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Result<(), Error<Infallible>>) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // Encoding into a vector has no way to fail.
    let _ = write(&mut encoder);
    encoder.into_writer()
}
