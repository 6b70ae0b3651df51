//! Makes releases: takes the round as it stands now, tells what is open, and keeps the files under the next number.

use std::collections::BTreeMap;

use replica::{RoundId, UnitId};

use super::content::{Archive, At, Version};
use super::day::day_of;
use super::error::ReleaseError;
use super::files::document;
use super::key::ReleaseKey;
use super::manifest::{Asked, FORMAT, Manifest};
use super::reckon::{Reckoned, Scope, reckon};
use super::shelf::{Kept, Order, Shelf, SignedManifest};
use crate::catalogue::Catalogue;
use crate::database::StoreError;
use crate::log::{Log, Seq};
use crate::projection::Projection;
use crate::random;
use crate::scores::methods::SKM;
use crate::scores::{ScoresError, Scoring};

/// What releases are made from and kept in.
pub struct Press<'a> {
    /// The truth.
    pub log: &'a dyn Log,
    /// Which records there are, and how far the worker has come.
    pub projection: &'a Projection,
    /// Units, rounds, instruments, photos' records.
    pub catalogue: &'a dyn Catalogue,
    /// Rule sets.
    pub scoring: &'a Scoring,
    /// Kept releases.
    pub shelf: &'a dyn Shelf,
}

/// What a release is wished to be.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The round; the one opened last where it is left out.
    pub round: Option<RoundId>,
    /// The year whose method holds; the round's own where it is left out.
    pub year: Option<u16>,
    /// The day it is dated; today where it is left out.
    pub date: Option<String>,
    /// Release although something is open.
    pub accept_open: bool,
}

impl Press<'_> {
    /// Reckons a release of the round as it stands, without keeping it.
    ///
    /// # Errors
    /// Where not all changes were looked at yet, there is no record, or a record cannot be opened.
    pub fn reckon(&self, wish: &Wish, now: i64) -> Result<Reckoned, ReleaseError> {
        let round = self.round(wish)?;
        let (upto, last) = (self.projection.upto()?, self.log.last()?);
        if upto < last {
            return Err(ReleaseError::Behind { upto, last });
        }
        let (method, chosen) = self.scoring.method_for(self.catalogue, &round, wish.year)?;
        let rules = self.scoring.texts.get(&method.rules.id);
        let rules = rules.ok_or_else(|| ReleaseError::Rules(method.rules.id.clone()))?;
        let mut units = self.catalogue.units()?;
        units.sort_by(|a, b| a.id.cmp(&b.id));
        let photos = self.catalogue.photos()?;
        let scope = Scope {
            asked: Asked {
                round: round.clone(),
                year: method.year,
                chosen,
                date: day_of(wish.date.as_deref(), now)?,
                accepted_open: wish.accept_open,
            },
            method,
            skm: &self.scoring.skm,
            texts: (rules.clone().into_bytes(), SKM.as_bytes().to_vec()),
            units,
            records: self.records(&round, upto)?,
            here: &|_, hash| photos.contains(hash),
        };
        let reckoned = reckon(&mut Archive::new(self.log, self.catalogue), &scope)?;
        if reckoned.counts.records == 0 {
            return Err(ReleaseError::Nothing(round));
        }
        Ok(reckoned)
    }

    /// Makes a release of the round as it stands and keeps it under the next number.
    ///
    /// # Errors
    /// As [`Self::reckon`], and where something is open that was not accepted.
    pub fn make(&self, wish: &Wish, key: &ReleaseKey, now: i64) -> Result<Kept, ReleaseError> {
        let reckoned = self.reckon(wish, now)?;
        let round = reckoned.asked.round.clone();
        if reckoned.open.is_any() && !wish.accept_open {
            return Err(ReleaseError::Open { round, open: reckoned.open });
        }
        for (name, bytes) in reckoned.files.iter() {
            let hash = super::files::hash_of(bytes);
            tracing::debug!(name, %hash, "keeping a file of a release");
            self.shelf.keep_file(&hash, bytes)?;
        }
        let order = Order { token: random::bytes()?, round, now };
        let sign = |number, follows| {
            let manifest = document(&manifest_of(&reckoned, number, follows));
            let manifest = manifest.map_err(|error| StoreError::Foreign(error.to_string()))?;
            Ok(SignedManifest { signature: key.sign(&manifest), key: key.public(), manifest })
        };
        Ok(self.shelf.put(&order, &sign)?)
    }

    fn round(&self, wish: &Wish) -> Result<RoundId, ReleaseError> {
        let own = self.catalogue.own_rounds()?;
        if let Some(round) = wish.round.as_ref().filter(|round| own.contains(round)) {
            return Err(ReleaseError::Own(round.clone()));
        }
        let mut rounds = self.catalogue.rounds()?;
        rounds.retain(|round| !own.contains(round));
        let found = match &wish.round {
            Some(round) => rounds.iter().find(|known| *known == round),
            None => rounds.first(),
        };
        found.cloned().ok_or_else(|| {
            let there: Vec<_> = rounds.iter().map(RoundId::as_str).collect();
            let message = format!("there is no such round; there are: {}", there.join(", "));
            ScoresError::NotFound(message).into()
        })
    }

    /// Every record of a round up to a place, without what was set aside.
    fn records(&self, round: &RoundId, upto: Seq) -> Result<BTreeMap<UnitId, Vec<Version>>, ReleaseError> {
        let mut records = BTreeMap::new();
        for (unit, record) in self.projection.records(round)? {
            records.insert((unit, record), Vec::new());
        }
        for aside in self.projection.set_aside()?.into_iter().filter(|aside| aside.seq <= upto) {
            let genesis = self.log.genesis(aside.record)?;
            if let Some(genesis) = genesis.filter(|genesis| genesis.round == *round) {
                records.entry((genesis.unit, aside.record)).or_default().push(aside.hash);
            }
        }
        let mut by_unit = BTreeMap::<UnitId, Vec<Version>>::new();
        for ((unit, record), set_aside) in records {
            let version = Version { record, at: At::Place(upto), set_aside };
            by_unit.entry(unit).or_default().push(version);
        }
        Ok(by_unit)
    }
}

/// The manifest of a release under its number.
pub fn manifest_of(reckoned: &Reckoned, number: u32, follows: Option<u32>) -> Manifest {
    Manifest {
        format: FORMAT.to_owned(),
        number,
        follows,
        asked: reckoned.asked.clone(),
        rules: reckoned.rules.clone(),
        skm: reckoned.skm,
        instruments: reckoned.instruments.clone(),
        open: reckoned.open,
        counts: reckoned.counts,
        files: reckoned.files.entries(),
    }
}
