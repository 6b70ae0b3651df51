//! A data folder opened for a command that asks about records, beside a running server or alone.

use std::sync::Arc;

use super::{CommandError, Data, refused};
use crate::catalogue::Catalogue;
use crate::data::DataFolder;
use crate::projection::Projection;
use crate::scores::Scoring;
use crate::scores::pages::Sources;
use crate::scores::readers::Readers;
use crate::server::Lock;
use crate::store::Store;
use crate::worker::Worker;

/// What a question is answered from.
pub struct Opened {
    /// Rule sets.
    pub scoring: Scoring,
    /// What the records say.
    pub projection: Arc<Projection>,
    /// Units, rounds, instruments.
    pub catalogue: Arc<dyn Catalogue>,
    /// Where all of it stands.
    pub store: Store,
}

impl Opened {
    /// Opens a data folder. Where no server runs on it, what it has not looked at yet is looked at now.
    pub fn of(data: &Data) -> Result<Self, CommandError> {
        let folder = DataFolder::open(&data.folder)?;
        let store = data.store()?;
        let lock = Lock::take(&folder)?;
        let projection = Arc::new(Projection::open(&folder.projection())?);
        if lock.is_some() {
            let readers = Readers::new(store.catalogue()?);
            let mut worker = Worker::new(store.log()?, Arc::clone(&projection), readers)?;
            while worker.step()? {}
        }
        let scoring = Scoring::by(data.methods.as_deref()).map_err(refused)?;
        Ok(Self { scoring, projection, catalogue: store.catalogue()?, store })
    }

    /// The same, for questions about scores.
    pub fn sources(&self) -> Sources<'_> {
        Sources { scoring: &self.scoring, projection: &self.projection, catalogue: self.catalogue.as_ref() }
    }
}
