//! How far a round has come: units joined with what the projection counts.

use std::collections::{BTreeMap, HashMap};

use replica::api::{ClashOption, Coverage, GovernmentCoverage, OpenClash, Unit, UnitCoverage};
use replica::{DeviceId, RoundId, UnitId};

use crate::clashes::to_decide;
use crate::identity::Device;
use crate::projection::{ClashRow, UnitCount};
use crate::scores::ScoresError;
use crate::server::Server;

/// The coverage of a round as far as `device` may see it.
///
/// # Errors
/// Where the store fails.
pub fn of(server: &Server, device: &Device, round: RoundId, now: i64) -> Result<Coverage, ScoresError> {
    let counts = server.projection.unit_counts(&round)?;
    let units: Vec<Unit> = server
        .catalogue
        .units()?
        .into_iter()
        .filter(|unit| device.serves_unit(&unit.office, &unit.id))
        .collect();
    let offices: HashMap<&UnitId, &Unit> = units.iter().map(|unit| (&unit.id, unit)).collect();
    let clashes = to_decide(&server.projection, server.catalogue.as_ref(), &round)?;
    let visible = clashes.into_iter().filter(|clash| offices.contains_key(&clash.unit));
    let people = server.identity.devices()?.into_iter().map(|known| (known.id, known.person)).collect();
    let clashes = open_clashes(visible, &people);
    let set_aside = server.projection.set_aside_count()?;
    let (method, _) = server.scoring.method_for(server.catalogue.as_ref(), &round, None)?;
    let target = u32::from(method.rules.interviews.value);
    let governments = governments(&units, &counts, &clashes, target);
    Ok(Coverage { round, at: now, governments, clashes, set_aside })
}

fn governments(
    units: &[Unit],
    counts: &HashMap<UnitId, UnitCount>,
    clashes: &[OpenClash],
    target: u32,
) -> Vec<GovernmentCoverage> {
    let mut governments = BTreeMap::<(&str, &str), GovernmentCoverage>::new();
    for unit in units {
        let count = counts.get(&unit.id).copied().unwrap_or_default();
        let government =
            governments.entry((&unit.province, &unit.government)).or_insert_with(|| GovernmentCoverage {
                name: unit.government.clone(),
                province: unit.province.clone(),
                target,
                interviews: 0,
                visits_opened: 0,
                visits_closed: 0,
                units: Vec::new(),
            });
        government.interviews += count.interviews;
        government.visits_opened += count.visits;
        government.visits_closed += count.visits_closed;
        government.units.push(UnitCoverage {
            id: unit.id.clone(),
            name: unit.name.clone(),
            visits_open: count.visits.saturating_sub(count.visits_closed),
            visits_closed: count.visits_closed,
            interviews: count.interviews,
            clashes: u32::try_from(clashes.iter().filter(|clash| clash.unit == unit.id).count())
                .unwrap_or(u32::MAX),
            unsound: count.unsound,
        });
    }
    governments.into_values().collect()
}

/// Rows of one clash stand together, so that each clash is made of a run of them.
fn open_clashes(rows: impl Iterator<Item = ClashRow>, people: &HashMap<DeviceId, String>) -> Vec<OpenClash> {
    let mut clashes = Vec::<OpenClash>::new();
    for row in rows {
        let who = row.device.and_then(|device| people.get(&device)).cloned().unwrap_or_default();
        let option = ClashOption { value: row.value, who, at: row.time };
        match clashes.last_mut() {
            Some(last) if last.record == row.record && last.key == row.key => last.options.push(option),
            _ => clashes.push(OpenClash {
                record: row.record,
                kind: row.kind,
                unit: row.unit,
                instrument: row.instrument,
                key: row.key,
                options: vec![option],
            }),
        }
    }
    clashes
}
