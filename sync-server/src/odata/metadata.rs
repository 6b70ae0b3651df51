//! The service document, and `$metadata`: what there is, as CSDL in XML.

use std::io;

use super::model::{Edm, Set};
use crate::exports::table::Table;
use crate::exports::xml::Xml;

/// The namespace of types.
pub(super) const NAMESPACE: &str = "Loket";
const VOCABULARY: &str = "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.xml";

/// `$metadata`.
pub(super) fn metadata(tables: &[Table]) -> io::Result<Vec<u8>> {
    let mut xml = Xml::begin()?;
    let edmx = [("Version", "4.0"), ("xmlns:edmx", "http://docs.oasis-open.org/odata/ns/edmx")];
    xml.element("edmx:Edmx", &edmx, |xml| {
        xml.element("edmx:Reference", &[("Uri", VOCABULARY)], |xml| {
            xml.empty("edmx:Include", &[("Namespace", "Org.OData.Core.V1"), ("Alias", "Core")])
        })?;
        xml.element("edmx:DataServices", &[], |xml| {
            let schema = [("Namespace", NAMESPACE), ("xmlns", "http://docs.oasis-open.org/odata/ns/edm")];
            xml.element("Schema", &schema, |xml| {
                tables.iter().try_for_each(|table| entity(xml, &Set::of(table)))?;
                xml.element("EntityContainer", &[("Name", "Release")], |xml| {
                    tables.iter().try_for_each(|table| {
                        let of = format!("{NAMESPACE}.{}", table.name);
                        let attributes = [("Name", table.name.as_str()), ("EntityType", &of)];
                        xml.element("EntitySet", &attributes, |xml| describe(xml, &table.label.id))
                    })
                })
            })
        })
    })?;
    Ok(xml.end())
}

fn entity(xml: &mut Xml, set: &Set<'_>) -> io::Result<()> {
    xml.element("EntityType", &[("Name", set.table.name.as_str())], |xml| {
        if let Some(key) = set.key() {
            xml.element("Key", &[], |xml| xml.empty("PropertyRef", &[("Name", &key.name)]))?;
        }
        for (at, property) in set.properties.iter().enumerate() {
            let (kind, places) = kind_of(property.edm);
            let mut attributes = vec![("Name", property.name.as_str()), ("Type", kind)];
            if at == 0 {
                attributes.push(("Nullable", "false"));
            }
            if let Some(places) = &places {
                attributes.extend([("Precision", "19"), ("Scale", places.as_str())]);
            }
            if property.edm == Edm::Moment {
                attributes.push(("Precision", "0"));
            }
            xml.element("Property", &attributes, |xml| describe(xml, &property.label.id))?;
        }
        Ok(())
    })
}

fn describe(xml: &mut Xml, text: &str) -> io::Result<()> {
    xml.empty("Annotation", &[("Term", "Core.Description"), ("String", text)])
}

fn kind_of(edm: Edm) -> (&'static str, Option<String>) {
    match edm {
        Edm::Text | Edm::Name | Edm::Label => ("Edm.String", None),
        Edm::Truth => ("Edm.Boolean", None),
        Edm::Whole => ("Edm.Int64", None),
        Edm::Decimal(places) => ("Edm.Decimal", Some(places.to_string())),
        Edm::Date => ("Edm.Date", None),
        Edm::Moment => ("Edm.DateTimeOffset", None),
    }
}
