//! Reading a backup: the sum first, then every length before it is believed.

use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;
use sha2::{Digest as _, Sha256};

use super::{
    ANY, Backup, BackupError, MAX_BATCHES, MAX_BYTES, MAX_PHOTO_BYTES, MAX_PHOTOS, MAX_TEXT, MAX_TYPED, NAME,
    Photo, SUM, Signed, Typed,
};
use crate::wire::PushRequest;

pub(super) fn backup(bytes: &[u8]) -> Result<Backup<'_>, BackupError> {
    if bytes.len() > MAX_BYTES {
        return Err(BackupError::TooMany { what: "bytes", limit: MAX_BYTES });
    }
    begins_as_one(bytes)?;
    let whole = is_whole(bytes);
    let mut reader = Reader { decoder: Decoder::new(bytes) };
    let read = reader.all().and_then(|backup| match bytes.len() - reader.decoder.position() {
        0 => Ok(backup),
        _ => Err(malformed("it goes on after its end")),
    });
    match read {
        Ok(backup) if whole => Ok(backup),
        // Where the sum does not hold, what was found wrong follows from that.
        Err(BackupError::Truncated) if !whole => Err(BackupError::Truncated),
        Ok(_) | Err(_) if !whole => Err(BackupError::Damaged),
        Err(BackupError::Truncated) => Err(malformed("it ends in the middle of something")),
        other => other,
    }
}

/// Whether the file begins as a backup of this version does, as far as it goes.
fn begins_as_one(bytes: &[u8]) -> Result<(), BackupError> {
    // An array of six that begins with the name, whose length has its place in the head's low bits.
    let head = [&[0x86, 0x60 | u8::try_from(NAME.len()).unwrap_or_default()], NAME.as_bytes()].concat();
    let there = bytes.len().min(head.len());
    if bytes.get(..there) == head.get(..there) {
        return if bytes.len() < head.len() { Err(BackupError::Truncated) } else { Ok(()) };
    }
    let says_so = bytes.get(2..2 + ANY.len()) == Some(ANY.as_bytes());
    Err(if says_so { BackupError::Later } else { BackupError::NotABackup })
}

/// Whether the sum at the end is that of all before it.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.len().checked_sub(SUM) else { return false };
    let (content, sum) = bytes.split_at(end);
    sum.strip_prefix(&[0x58, 32]) == Some(Sha256::digest(content).as_slice())
}

fn malformed(what: &(impl ToString + ?Sized)) -> BackupError {
    BackupError::Malformed { what: what.to_string() }
}

impl From<Error> for BackupError {
    fn from(error: Error) -> Self {
        if error.is_end_of_input() { Self::Truncated } else { malformed(&error) }
    }
}

struct Reader<'b> {
    decoder: Decoder<'b>,
}

impl<'b> Reader<'b> {
    fn all(&mut self) -> Result<Backup<'b>, BackupError> {
        self.fields(6)?;
        self.decoder.str()?;
        let made_at = self.decoder.i64()?;
        let batches = self.list("batches", MAX_BATCHES, Self::batch)?;
        let photos = self.list("photos", MAX_PHOTOS, Self::photo)?;
        let typed = self.list("typed entries", MAX_TYPED, Self::typed)?;
        self.decoder.bytes()?;
        Ok(Backup { made_at, batches, photos, typed })
    }

    fn batch(&mut self) -> Result<Signed, BackupError> {
        self.fields(2)?;
        let key = self.decoder.decode()?;
        let body = self.decoder.bytes()?;
        let request = PushRequest::from_cbor(body).map_err(|error| malformed(&error))?;
        Ok(Signed { key, request })
    }

    fn photo(&mut self) -> Result<Photo<'b>, BackupError> {
        self.fields(4)?;
        let genesis = self.decoder.decode()?;
        let (path, mime) = (self.text()?, self.text()?);
        let bytes = self.decoder.bytes()?;
        if bytes.len() > MAX_PHOTO_BYTES {
            return Err(BackupError::TooMany { what: "bytes of a photo", limit: MAX_PHOTO_BYTES });
        }
        Ok(Photo { genesis, path, mime, bytes })
    }

    fn typed(&mut self) -> Result<Typed, BackupError> {
        self.fields(4)?;
        let genesis = self.decoder.decode()?;
        let (tab, at) = (self.decoder.decode()?, self.decoder.u64()?);
        Ok(Typed { genesis, tab, at, entry: self.text()? })
    }

    fn text(&mut self) -> Result<String, BackupError> {
        let text = self.decoder.str()?;
        if text.len() > MAX_TEXT {
            return Err(BackupError::TooMany { what: "bytes of a text", limit: MAX_TEXT });
        }
        Ok(text.to_owned())
    }

    fn fields(&mut self, expected: u64) -> Result<(), BackupError> {
        let at = self.decoder.position();
        match self.decoder.array()? {
            Some(found) if found == expected => Ok(()),
            _ => Err(malformed(&format!("{expected} fields were expected at byte {at}"))),
        }
    }

    /// Reads a list, of known length or not; reserves nothing on the file's word alone.
    fn list<T>(
        &mut self,
        what: &'static str,
        most: usize,
        mut one: impl FnMut(&mut Self) -> Result<T, BackupError>,
    ) -> Result<Vec<T>, BackupError> {
        let length = self.decoder.array()?;
        let mut items = Vec::new();
        loop {
            let ended = match length {
                Some(length) => items.len() as u64 >= length,
                None => self.decoder.datatype()? == Type::Break,
            };
            if ended {
                break;
            }
            if items.len() >= most {
                return Err(BackupError::TooMany { what, limit: most });
            }
            items.push(one(self)?);
        }
        if length.is_none() {
            self.decoder.skip()?;
        }
        Ok(items)
    }
}
