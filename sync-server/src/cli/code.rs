//! `loket code`: one-time codes, in letters and as a picture for the terminal.

use std::io::IsTerminal as _;

use clap::Args;
use qrcode::render::unicode;
use qrcode::{EcLevel, QrCode};
use replica::api::Role;
use replica::{OfficeId, UnitId};

use super::{CommandError, Data};
use crate::clock;
use crate::identity::{Code, Grant};
use crate::store::Store;

/// Hours that a code can be used in.
pub const HOURS: i64 = 48;

#[derive(Args)]
pub struct MakeCode {
    /// What the device may do: surveyor, kiosk or coordinator.
    #[arg(long, default_value = "surveyor", value_parser = role)]
    role: Role,
    /// The one office it is for; all of them where left out.
    #[arg(long)]
    office: Option<OfficeId>,
    /// The one unit it is for, as a kiosk's.
    #[arg(long)]
    unit: Option<UnitId>,
    /// Whose device it becomes; where left out, the person types a name.
    #[arg(long)]
    person: Option<String>,
    /// Hours that the code can be used in.
    #[arg(long, default_value_t = HOURS, value_parser = clap::value_parser!(i64).range(1..=8760))]
    hours: i64,
    /// Print a QR picture too.
    #[arg(long)]
    qr: bool,
    /// Where devices reach the server; for the QR picture.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    public_url: String,
    #[command(flatten)]
    data: Data,
}

impl MakeCode {
    pub fn run(self) -> Result<(), CommandError> {
        let store = self.data.store()?;
        let office = match &self.unit {
            Some(unit) => Some(self.office_of(unit, &store)?),
            None => self.office,
        };
        let grant = Grant { role: self.role, person: self.person, office, unit: self.unit };
        let identity = store.identity()?;
        let code = identity.new_code(&grant, self.hours * 60 * 60, clock::now())?;
        println!("{code}");
        if self.qr {
            print!("{}", picture(&enrol_address(&self.public_url, &code)));
        }
        Ok(())
    }

    fn office_of(&self, unit: &UnitId, store: &Store) -> Result<OfficeId, CommandError> {
        let known = store.catalogue()?.unit(unit)?;
        let Some(known) = known else {
            return Err(CommandError::Refused(format!(
                "there is no unit {unit}; `loket units list` shows all"
            )));
        };
        match &self.office {
            Some(office) if *office != known.office => {
                let message = format!("the unit {unit} belongs to the office {}", known.office);
                Err(CommandError::Refused(message))
            }
            _ => Ok(known.office),
        }
    }
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_text(text).ok_or_else(|| "a role is surveyor, kiosk or coordinator".to_owned())
}

/// The address that enrols with this code.
pub fn enrol_address(public_url: &str, code: &Code) -> String {
    format!("{}/enrol?code={code}", public_url.trim_end_matches('/'))
}

/// A QR picture out of half blocks, `""` where the address is too long for one. On a terminal it
/// is black on white whatever the terminal's own colours, since cameras want it so.
pub fn picture(address: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::L) else { return String::new() };
    let picture = code.render::<unicode::Dense1x2>().quiet_zone(true).build();
    let (before, after) =
        if std::io::stdout().is_terminal() { ("\x1b[38;5;16;48;5;231m", "\x1b[0m") } else { ("", "") };
    let lines: Vec<_> = picture.lines().map(|line| format!("{before}{line}{after}")).collect();
    lines.join("\n") + "\n"
}
