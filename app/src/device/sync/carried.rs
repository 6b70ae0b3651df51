//! Handing in what came out of others' backups, as their writers signed it.

use replica::sync::SyncFault;
use replica::wire::{Outcome, RefusalCode};

use super::Inner;
use crate::device::net::NetError;
use crate::device::store::StoreError;
use crate::device::tabs::News;

/// Hands in every batch that waits; one that the server refuses holds up no other.
pub(super) async fn send(inner: &Inner) -> Result<(), SyncFault> {
    let store = &inner.store;
    let failed = |error: StoreError| {
        inner.store_failed(&error);
        SyncFault::Store
    };
    let waiting = store.carried().await.map_err(failed)?.rows;
    for batch in waiting.into_iter().filter(|batch| batch.refusal.is_none()) {
        let outcomes = match inner.net.push_body(batch.bytes).await {
            Ok(reply) => reply.outcomes,
            Err(NetError::Refused { status: 413, .. }) => vec![Outcome::Refused(RefusalCode::TooLarge)],
            // The server takes nothing of its writer any more.
            Err(NetError::Refused { status, .. }) if status != 401 => {
                vec![Outcome::Refused(RefusalCode::NotPermitted)]
            }
            Err(error) => {
                inner.net_failed(&error);
                return Err(error.fault());
            }
        };
        let records = store.carried_settle(&batch.id, &outcomes).await;
        for record in records.map_err(failed)? {
            inner.tabs.tell(&News::Record { record });
        }
        inner.recount().await;
    }
    Ok(())
}
