//! Kinds of governments, each ranked among its own: a city is compared with cities, as the Ombudsman publishes it.

use serde::{Deserialize, Serialize};

/// A kind of government.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A city.
    Kota,
    /// A regency.
    Kabupaten,
    /// A province.
    Provinsi,
    /// A ministry.
    Kementerian,
    /// Another body of the state.
    Lembaga,
}

impl Level {
    /// The kind that a government's name says: `Kota Bontang`, `Kabupaten Kutai Kartanegara`, `Pemprov Bali`; a name that
    /// is that of the province where it lies is the province's.
    pub fn of(name: &str, province: &str) -> Self {
        let first = name.split_whitespace().next().unwrap_or_default().to_lowercase();
        match first.trim_end_matches('.') {
            "kota" | "pemkot" => Self::Kota,
            "kabupaten" | "kab" | "pemkab" => Self::Kabupaten,
            "provinsi" | "pemprov" => Self::Provinsi,
            "kementerian" => Self::Kementerian,
            _ if name.eq_ignore_ascii_case(province) => Self::Provinsi,
            _ => Self::Lembaga,
        }
    }

    /// Its name, as it stands in lists of results.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kota => "kota",
            Self::Kabupaten => "kabupaten",
            Self::Provinsi => "provinsi",
            Self::Kementerian => "kementerian",
            Self::Lembaga => "lembaga",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_kind_of_government_it_is() {
        let named = [
            ("Kota Bontang", Level::Kota),
            ("Kab. Kutai Kartanegara", Level::Kabupaten),
            ("Kabupaten Belitung", Level::Kabupaten),
            ("Pemprov Bali", Level::Provinsi),
            ("DKI Jakarta", Level::Provinsi),
            ("Kementerian ESDM", Level::Kementerian),
            ("Badan Pertanahan Nasional", Level::Lembaga),
            ("", Level::Lembaga),
        ];
        for (name, level) in named {
            assert_eq!(Level::of(name, "DKI Jakarta"), level, "{name}");
        }
    }
}
