//! Instruments, and single values: who this device is, what the server said of home, the last report.

use replica::ContentHash;
use replica::api::Home;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::database::From;
use crate::error::{CorruptRow, StoreError};
use crate::rows::{Identity, InstrumentRow, MetaRow};
use crate::schema::{INSTRUMENTS, META};
use crate::store::Store;
use crate::table;

const IDENTITY: &str = "identity";
const HOME: &str = "home";

impl Store {
    /// Who this device is, once enrolled.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Lost`].
    pub async fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.value(IDENTITY).await
    }

    /// Keeps who this device is.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn set_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        self.set_value(IDENTITY, identity).await
    }

    /// What the server last said this device may see.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Lost`].
    pub async fn home(&self) -> Result<Option<Home>, StoreError> {
        self.value(HOME).await
    }

    /// Keeps what the server said this device may see.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn set_home(&self, home: &Home) -> Result<(), StoreError> {
        self.set_value(HOME, home).await
    }

    /// A single value.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where it is something else than asked for, [`StoreError::Lost`].
    pub async fn value<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let row: Option<MetaRow> =
            self.read(&[META], async |tx| table::get(tx, From::Store(META), table::key(name)).await).await?;
        let Some(row) = row else { return Ok(None) };
        serde_json::from_slice(row.json.as_bytes()).map(Some).map_err(|error| {
            let (store, key) = (META.to_owned(), name.to_owned());
            CorruptRow { store, key, why: error.to_string() }.into()
        })
    }

    /// Keeps a single value.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn set_value<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        let json = serde_json::to_string(value).map_err(|error| StoreError::Failed(error.to_string()))?;
        let row = MetaRow { key: name.to_owned(), json };
        self.write(&[META], async |tx| table::put(tx, row.clone()).await).await
    }

    /// An instrument's JSON, or that of the rule set in force, where it is here.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`], [`StoreError::Lost`].
    pub async fn instrument(&self, hash: ContentHash) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(&[INSTRUMENTS], async |tx| {
            let row: Option<InstrumentRow> =
                table::get(tx, From::Store(INSTRUMENTS), table::key(hash)).await?;
            Ok(row.map(|row| row.json))
        })
        .await
    }

    /// Keeps an instrument or a rule set. The caller has checked that the JSON has this hash.
    ///
    /// # Errors
    /// [`StoreError::Full`], [`StoreError::Lost`].
    pub async fn set_instrument(&self, hash: ContentHash, json: &[u8]) -> Result<(), StoreError> {
        let row = InstrumentRow { hash, json: json.to_vec() };
        self.write(&[INSTRUMENTS], async |tx| table::put(tx, row.clone()).await).await
    }
}
