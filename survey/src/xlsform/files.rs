//! The files that a form uses, read once each and checked.

use std::collections::BTreeMap;

use crate::instrument::{ChoiceList, Language, Media};
use crate::xlsform::attached::{self, Attachments, MAX_MEDIA_BYTES, Named};
use crate::xlsform::fault::FaultKind;
use crate::xlsform::table::Line;
use crate::xlsform::workbook::{Faults, Place};

/// See the module.
pub(crate) struct Files<'a> {
    attachments: &'a dyn Attachments,
    /// By file name; none where the file is not there or is none that is shown.
    shown: BTreeMap<String, Option<String>>,
    bytes: usize,
}

impl<'a> Files<'a> {
    pub(crate) fn of(attachments: &'a dyn Attachments) -> Self {
        Self { attachments, shown: BTreeMap::new(), bytes: 0 }
    }

    /// What the form shows, for the instrument.
    pub(crate) fn kept(self) -> BTreeMap<String, String> {
        self.shown.into_iter().filter_map(|(name, address)| Some((name, address?))).collect()
    }

    /// A list out of a file; empty, with a warning, where the file is not there.
    pub(crate) fn list(
        &mut self,
        file: &str,
        named: Option<&Named>,
        languages: &[Language],
        place: &Place,
        faults: &mut Faults,
    ) -> ChoiceList {
        let Some(bytes) = self.read(file) else {
            let what = if named.is_some() { "the question has no choices" } else { "nothing is found in it" };
            faults.warn(place, FaultKind::MissingFile { file: file.to_owned(), what });
            return ChoiceList::default();
        };
        let read = match named {
            Some(named) => attached::list(file, &bytes, named, languages),
            None => attached::rows(file, &bytes),
        };
        read.unwrap_or_else(|kind| {
            faults.error(place, kind);
            ChoiceList::default()
        })
    }

    /// The media columns of a row.
    pub(crate) fn media(&mut self, line: Line<'_>, languages: &[Language], faults: &mut Faults) -> Media {
        let mut column = |name: &str| {
            let texts = line.texts(name, languages, 0);
            for file in texts.0.iter().filter(|file| !file.is_empty()) {
                self.show(file, &line.at(name), faults);
            }
            texts
        };
        Media {
            image: column("image"),
            big_image: column("big_image"),
            audio: column("audio"),
            video: column("video"),
        }
    }

    fn show(&mut self, file: &str, place: &Place, faults: &mut Faults) {
        if self.shown.contains_key(file) {
            return;
        }
        // `${name}` in the name of a file is filled in while the form is filled; which file that is nobody knows before.
        let read = if file.contains("${") { None } else { self.read(file) };
        let address = match read {
            None => {
                let what = "it is not shown";
                faults.warn(place, FaultKind::MissingFile { file: file.to_owned(), what });
                None
            }
            Some(bytes) => {
                self.bytes = self.bytes.saturating_add(bytes.len());
                if self.bytes > MAX_MEDIA_BYTES {
                    let kind = FaultKind::MediaTooLarge { file: file.to_owned(), limit: MAX_MEDIA_BYTES };
                    faults.error(place, kind);
                    None
                } else {
                    let address = attached::data_address(file, &bytes);
                    if address.is_none() {
                        faults.warn(place, FaultKind::UnknownMedia { file: file.to_owned() });
                    }
                    address
                }
            }
        };
        self.shown.insert(file.to_owned(), address);
    }

    /// Only plain names: a workbook must not reach into other folders.
    fn read(&self, file: &str) -> Option<Vec<u8>> {
        let plain = !file.is_empty() && !file.starts_with('.') && !file.contains(['/', '\\', '\0']);
        if plain { self.attachments.read(file) } else { None }
    }
}
