//! Reckons the files of a release out of the log: government by government, so that no more than one government's
//! interviews are held at a time. What comes out depends on the [`Scope`] and on the records' changes alone.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use replica::api::Unit;
use replica::{ContentHash, RecordId, RecordKind, UnitId};
use survey::scoring::evidence::Evidence;
use survey::scoring::government::counts;
use survey::scoring::interval::{Draws, perception_interval};
use survey::scoring::methods::Method;
use survey::scoring::questions::standing::{TARGET, standing};
use survey::scoring::result::{GovernmentScore, UnitScore};
use survey::scoring::skm::SkmRules;
use survey::scoring::unit::Depth;

use super::content::{Archive, Version};
use super::error::ReleaseError;
use super::files::{Files, hash_of, line};
use super::judge::{Opened, open, record_of, row};
use super::lines::{Answers, GovernmentResult, Photo, RecordState, UnitResult};
use super::manifest::{
    ANSWERS, Asked, Counts, GOVERNMENT_SCORES, InstrumentUsed, Open, PHOTOS, RECORDS, RULES, Rules, SKM,
    UNIT_SCORES, UNITS, instrument_file,
};
use crate::projection::EvidenceRow;
use crate::scores::board::{Board, GovernmentKey, score_rows};
use crate::scores::pages::{SAMPLES, SEED};

/// What is to be released: with the records' changes, all that the files follow from.
pub struct Scope<'a> {
    /// What was asked for.
    pub asked: Asked,
    /// The method.
    pub method: Method<'a>,
    /// The rules of the satisfaction index.
    pub skm: &'a SkmRules,
    /// The files of both.
    pub texts: (Vec<u8>, Vec<u8>),
    /// The list of units, by id.
    pub units: Vec<Unit>,
    /// Every record of the round by unit, at which version.
    pub records: BTreeMap<UnitId, Vec<Version>>,
    /// Whether a photo of a record is here.
    pub here: &'a dyn Fn(&RecordId, &ContentHash) -> bool,
}

/// A release without its number.
#[derive(Debug)]
pub struct Reckoned {
    /// What was asked for.
    pub asked: Asked,
    /// The rule set.
    pub rules: Rules,
    /// The satisfaction index's rules.
    pub skm: ContentHash,
    /// The instruments of its records.
    pub instruments: Vec<InstrumentUsed>,
    /// What is open.
    pub open: Open,
    /// How much there is.
    pub counts: Counts,
    /// Every file but the manifest.
    pub files: Files,
}

/// Reckons a release.
///
/// # Errors
/// Where a record cannot be opened at its version, or a figure is too long.
pub fn reckon(archive: &mut Archive<'_>, scope: &Scope<'_>) -> Result<Reckoned, ReleaseError> {
    let mut work = Work::of(scope);
    let mut records = scope.records.clone();
    let mut governments = BTreeMap::<GovernmentKey, Vec<&Unit>>::new();
    for unit in &scope.units {
        governments.entry((unit.government.clone(), unit.province.clone())).or_default().push(unit);
    }
    for (key, units) in &governments {
        work.begin();
        for unit in units {
            let versions = records.remove(&unit.id).unwrap_or_default();
            work.unit(archive, unit, &versions)?;
        }
        work.end(key)?;
    }
    for (unit, versions) in records {
        work.unlisted(archive, &unit, &versions)?;
    }
    work.finish(archive, scope.asked.clone())
}

/// The lines of a unit.
#[derive(Default)]
struct Lines {
    records: Vec<u8>,
    answers: Vec<u8>,
    photos: Vec<u8>,
    score: Vec<u8>,
}

/// What a government's figures need besides its units' scores.
#[derive(Default)]
struct Gathered {
    interviews: Vec<Vec<Evidence>>,
    clashes: u64,
}

/// A government's figures besides its score.
type Beside = (Option<survey::scoring::interval::Interval>, survey::scoring::skm::SkmIndex, u64);

struct Work<'s> {
    scope: &'s Scope<'s>,
    lines: BTreeMap<UnitId, Lines>,
    scores: HashMap<UnitId, Arc<UnitScore>>,
    gathered: Gathered,
    beside: BTreeMap<GovernmentKey, Beside>,
    used: BTreeMap<ContentHash, u64>,
    photos: HashSet<ContentHash>,
    open: Open,
    counts: Counts,
}

impl<'s> Work<'s> {
    fn of(scope: &'s Scope<'s>) -> Self {
        Self {
            scope,
            lines: BTreeMap::new(),
            scores: HashMap::new(),
            gathered: Gathered::default(),
            beside: BTreeMap::new(),
            used: BTreeMap::new(),
            photos: HashSet::new(),
            open: Open::default(),
            counts: Counts::default(),
        }
    }

    fn begin(&mut self) {
        self.gathered = Gathered::default();
    }

    /// All records of a unit, and its score.
    fn unit(
        &mut self,
        archive: &mut Archive<'_>,
        unit: &Unit,
        versions: &[Version],
    ) -> Result<(), ReleaseError> {
        let opened = open(archive, versions)?;
        let clashes = self.write(&unit.id, &opened)?;
        let interviews: Vec<Evidence> = opened
            .iter()
            .filter(|of| matches!(of.state, RecordState::Counted | RecordState::Refused))
            .filter(|of| of.content.genesis.kind == RecordKind::Interview)
            .map(|of| of.content.evidence.clone())
            .collect();
        let rows: Vec<EvidenceRow> = opened.into_iter().filter_map(row).collect();
        let method = self.scope.method;
        let score = score_rows(method, &rows, Depth::Indicators)?;
        let group: Vec<Vec<&Evidence>> = vec![interviews.iter().collect()];
        let result = UnitResult {
            unit: unit.id.clone(),
            counted: counts(method, &unit.kind, &score),
            interval: perception_interval(method, &group, SAMPLES, &mut Draws::new(SEED))?,
            skm: self.scope.skm.index_of(&interviews)?,
            score,
            clashes,
        };
        let lines = self.lines.entry(unit.id.clone()).or_default();
        line(&mut lines.score, &result)?;
        self.scores.insert(unit.id.clone(), Arc::new(result.score));
        self.gathered.interviews.push(interviews);
        self.gathered.clashes += clashes;
        Ok(())
    }

    /// Records of a unit that is not in the list: told, and counted nowhere.
    fn unlisted(
        &mut self,
        archive: &mut Archive<'_>,
        unit: &UnitId,
        versions: &[Version],
    ) -> Result<(), ReleaseError> {
        let mut opened = open(archive, versions)?;
        for of in &mut opened {
            if of.state.has_answers() {
                of.state = RecordState::Unlisted;
            }
        }
        self.write(unit, &opened)?;
        Ok(())
    }

    /// Writes records down and counts them; how many clashes there are in those that count.
    fn write(&mut self, unit: &UnitId, opened: &[Opened]) -> Result<u64, ReleaseError> {
        let mut clashes = 0;
        for of in opened {
            let Opened { content, state, .. } = of;
            if state.counts() {
                clashes += number(content.clashes.len());
            }
            self.count(of);
            let lines = self.lines.entry(unit.clone()).or_default();
            line(&mut lines.records, &record_of(of))?;
            if !state.has_answers() {
                continue;
            }
            let answers = Answers {
                record: of.record,
                answers: content.answers.clone(),
                rows: content.rows.clone(),
                clashes: content.clashes.clone(),
            };
            line(&mut lines.answers, &answers)?;
            for (path, hash) in &content.files {
                let here = (self.scope.here)(&of.record, hash);
                line(&mut lines.photos, &Photo { record: of.record, path: path.clone(), hash: *hash, here })?;
                self.open.photos_missing += u64::from(!here);
                self.photos.insert(*hash);
            }
        }
        self.open.clashes += clashes;
        Ok(clashes)
    }

    fn count(&mut self, of: &Opened) {
        let Opened { content, state, .. } = of;
        *self.used.entry(content.genesis.instrument).or_default() += 1;
        let (counts, open) = (&mut self.counts, &mut self.open);
        counts.records += 1;
        counts.changes += content.changes;
        open.set_aside += number(of.set_aside.len());
        open.visits += u64::from(*state == RecordState::Provisional);
        open.unlisted += u64::from(*state == RecordState::Unlisted);
        counts.refused += u64::from(*state == RecordState::Refused);
        counts.withdrawn += u64::from(*state == RecordState::Withdrawn);
        counts.unfinished += u64::from(*state == RecordState::Unfinished);
        match content.genesis.kind {
            RecordKind::Visit => counts.visits += u64::from(state.counts()),
            RecordKind::Interview => counts.interviews += u64::from(state.counts()),
        }
        if state.has_answers() {
            counts.answers += number(content.answers.values().filter(|answer| !answer.is_empty()).count());
        }
    }

    /// What is reckoned over all interviews of a government.
    fn end(&mut self, key: &GovernmentKey) -> Result<(), ReleaseError> {
        let Gathered { interviews, clashes } = std::mem::take(&mut self.gathered);
        let groups: Vec<Vec<&Evidence>> = interviews.iter().map(|unit| unit.iter().collect()).collect();
        let interval = perception_interval(self.scope.method, &groups, SAMPLES, &mut Draws::new(SEED))?;
        let skm = self.scope.skm.index_of(interviews.iter().flatten())?;
        self.beside.insert(key.clone(), (interval, skm, clashes));
        Ok(())
    }

    fn governments(&mut self) -> Result<Vec<u8>, ReleaseError> {
        let scope = self.scope;
        let board = Board::of_scores(&scope.units, scope.method, 0, std::mem::take(&mut self.scores))?;
        let mut all: Vec<GovernmentScore> =
            board.governments.into_values().map(Arc::unwrap_or_clone).collect();
        all.sort_by(|a, b| (&a.province, &a.name).cmp(&(&b.province, &b.name)));
        let counts = &mut self.counts;
        counts.governments = number(all.len());
        counts.governments_scored = number(all.iter().filter(|of| of.value.is_some()).count());
        counts.units = number(scope.units.len());
        for unit in all.iter().flat_map(|of| &of.units) {
            counts.units_scored += u64::from(unit.value.is_some());
            let not_assessed = unit.counted == survey::scoring::result::Counted::NotAssessed;
            counts.units_not_assessed += u64::from(not_assessed);
        }
        let mut bytes = Vec::new();
        for score in &all {
            let place = standing(scope.method, score, &all, TARGET);
            let key = (score.name.clone(), score.province.clone());
            let Some((interval, skm, clashes)) = self.beside.remove(&key) else { continue };
            let (nation, province) = (place.nation, place.province);
            let result = GovernmentResult { score: score.clone(), nation, province, interval, skm, clashes };
            line(&mut bytes, &result)?;
        }
        Ok(bytes)
    }

    fn finish(mut self, archive: &Archive<'_>, asked: Asked) -> Result<Reckoned, ReleaseError> {
        let scope = self.scope;
        let mut files = Files::default();
        files.put(GOVERNMENT_SCORES, self.governments()?);
        let mut units = Vec::new();
        for unit in &scope.units {
            line(&mut units, unit)?;
        }
        files.put(UNITS, units);
        for (name, part) in [
            (RECORDS, (|of| &of.records) as fn(&Lines) -> &Vec<u8>),
            (ANSWERS, |of| &of.answers),
            (PHOTOS, |of| &of.photos),
            (UNIT_SCORES, |of| &of.score),
        ] {
            let all = self.lines.values().map(|lines| part(lines).as_slice());
            files.put(name, all.collect::<Vec<_>>().concat());
        }
        let (rules, skm) = scope.texts.clone();
        let rule_set = scope.method.rules;
        let rules_used =
            Rules { id: rule_set.id.clone(), title: rule_set.title.clone(), sha256: hash_of(&rules) };
        let skm_hash = hash_of(&skm);
        files.put(RULES, rules);
        files.put(SKM, skm);
        let mut instruments = Vec::new();
        for (hash, known) in archive.instruments() {
            let of = &known.instrument;
            instruments.push(InstrumentUsed {
                hash: *hash,
                form: of.form_id.clone(),
                title: of.title.clone(),
                version: of.version.clone(),
                records: self.used.get(hash).copied().unwrap_or_default(),
            });
            files.put(&instrument_file(hash), known.json.clone());
        }
        self.counts.photos = number(self.photos.len());
        let accepted_open = asked.accepted_open && self.open.is_any();
        Ok(Reckoned {
            asked: Asked { accepted_open, ..asked },
            rules: rules_used,
            skm: skm_hash,
            instruments,
            open: self.open,
            counts: self.counts,
            files,
        })
    }
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
