//! What the worker set aside, for the coordinators of the office that it belongs to.

use std::collections::HashMap;

use replica::DeviceId;
use replica::api::{Aside, AsideChange};

use crate::identity::Device;
use crate::log::LogError;
use crate::server::Server;

/// Most changes that are listed.
const MOST: usize = 1_000;

/// The changes that were set aside, as far as `device` may see them.
///
/// # Errors
/// Where a store fails.
pub fn of(server: &Server, device: &Device) -> Result<Aside, LogError> {
    let people: HashMap<DeviceId, String> =
        server.identity.devices()?.into_iter().map(|known| (known.id, known.person)).collect();
    let mut changes = Vec::new();
    for aside in server.projection.set_aside()? {
        if changes.len() >= MOST {
            break;
        }
        let Some(genesis) = server.log.genesis(aside.record)? else { continue };
        if !device.serves_unit(&genesis.office, &genesis.unit) {
            continue;
        }
        changes.push(AsideChange {
            seq: aside.seq,
            hash: aside.hash,
            record: aside.record,
            kind: genesis.kind,
            unit: genesis.unit,
            who: people.get(&aside.device).cloned().unwrap_or_default(),
            reason: aside.reason,
        });
    }
    Ok(Aside { changes })
}
