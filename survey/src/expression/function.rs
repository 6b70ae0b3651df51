//! The functions of ODK `XPath` by name, and how many arguments each takes. Beside the 73 of the ODK form
//! reference: what `XPath` 1.0 has (`id`, `lang`, `last`, `name`, `substring`, ...) and `depend` of `JavaRosa`.

use serde::{Deserialize, Serialize};

macro_rules! functions {
    ($($variant:ident $name:literal $least:literal $most:literal;)*) => {
        /// A function of ODK `XPath`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Function {
            $(#[doc = $name] #[serde(rename = $name)] $variant,)*
        }

        impl Function {
            /// The function called `name`; none where this version has no such function.
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            /// Its name as a workbook writes it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Fewest and most arguments.
            pub fn arguments(self) -> (usize, usize) {
                match self { $(Self::$variant => ($least, $most),)* }
            }
        }
    };
}

functions! {
    Abs "abs" 1 1;
    Acos "acos" 1 1;
    Area "area" 1 1;
    Asin "asin" 1 1;
    Atan "atan" 1 1;
    Atan2 "atan2" 2 2;
    Base64Decode "base64-decode" 1 1;
    Boolean "boolean" 1 1;
    BooleanFromString "boolean-from-string" 1 1;
    Ceiling "ceiling" 1 1;
    Checklist "checklist" 2 10_000;
    ChoiceName "jr:choice-name" 2 2;
    Coalesce "coalesce" 2 2;
    Concat "concat" 0 10_000;
    Contains "contains" 2 2;
    Cos "cos" 1 1;
    Count "count" 1 1;
    CountNonEmpty "count-non-empty" 1 1;
    CountSelected "count-selected" 1 1;
    Date "date" 1 1;
    DateTime "date-time" 1 1;
    DecimalDateTime "decimal-date-time" 1 1;
    DecimalTime "decimal-time" 1 1;
    Depend "depend" 1 10_000;
    Digest "digest" 2 3;
    Distance "distance" 1 10_000;
    EndsWith "ends-with" 2 2;
    Exp "exp" 1 1;
    Exp10 "exp10" 1 1;
    ExtractSigned "extract-signed" 2 2;
    False "false" 0 0;
    Floor "floor" 1 1;
    FormatDate "format-date" 2 2;
    FormatDateTime "format-date-time" 2 2;
    Geofence "geofence" 2 2;
    Id "id" 1 1;
    If "if" 3 3;
    IndexedRepeat "indexed-repeat" 3 7;
    Instance "instance" 1 1;
    Int "int" 1 1;
    Intersects "intersects" 1 1;
    Itext "jr:itext" 1 1;
    Join "join" 1 10_000;
    Lang "lang" 1 1;
    Last "last" 0 0;
    LocalName "local-name" 0 1;
    Log "log" 1 1;
    Log10 "log10" 1 1;
    Max "max" 1 10_000;
    Min "min" 1 10_000;
    Name "name" 0 1;
    NamespaceUri "namespace-uri" 0 1;
    NormalizeSpace "normalize-space" 0 1;
    Not "not" 1 1;
    Now "now" 0 0;
    Number "number" 0 1;
    Once "once" 1 1;
    Pi "pi" 0 0;
    Position "position" 0 1;
    Pow "pow" 2 2;
    Pulldata "pulldata" 4 4;
    Random "random" 0 0;
    Randomize "randomize" 1 2;
    Regex "regex" 2 2;
    Round "round" 1 2;
    Selected "selected" 2 2;
    SelectedAt "selected-at" 2 2;
    Sin "sin" 1 1;
    Sqrt "sqrt" 1 1;
    StartsWith "starts-with" 2 2;
    String "string" 0 1;
    StringLength "string-length" 0 1;
    Substr "substr" 2 3;
    Substring "substring" 2 3;
    SubstringAfter "substring-after" 2 2;
    SubstringBefore "substring-before" 2 2;
    Sum "sum" 1 1;
    Tan "tan" 1 1;
    Today "today" 0 0;
    Translate "translate" 3 3;
    True "true" 0 0;
    Uuid "uuid" 0 1;
    Version "version" 0 0;
    WeightedChecklist "weighted-checklist" 4 10_000;
}
