//! The caller as API Gateway carries them from the authorizer to a function: a flat map of texts, the authorizer's `context`.

use super::decision::Act;
use super::{Caller, Membership, Principal, Rights, Role, Scopes};
use crate::journal::{Origin, Pseudonym};
use crate::maintenance::{Maintenance, Message, Mode};
use crate::organization::OrgStatus;
use std::collections::BTreeMap;

const PRINCIPAL: &str = "principal";
const SESSION: &str = "session";
const ADDRESS: &str = "address";
const STAFF: &str = "staff";
const ORG: &str = "org";
const ORG_STATUS: &str = "org_status";
const ORG_TABLE: &str = "org_table";
const ROLE: &str = "role";
const EXTRA: &str = "extra";
const SCOPES: &str = "scopes";
/// The names of a maintenance's mode and message: the deployment's, and the organisation's.
const MAINTENANCE: (&str, &str) = ("maintenance", "maintenance_message");
const ORG_MAINTENANCE: (&str, &str) = ("org_maintenance", "org_maintenance_message");

type Context = BTreeMap<&'static str, String>;

impl Caller {
    /// The caller as a map of texts.
    pub fn to_context(&self) -> Context {
        let mut context = Context::from([(PRINCIPAL, self.principal.to_string())]);
        context.extend(self.session.clone().map(|session| (SESSION, session)));
        context.extend(self.origin.address.clone().map(|address| (ADDRESS, address.into())));
        if self.staff {
            context.insert(STAFF, true.to_string());
        }
        put_maintenance(&mut context, MAINTENANCE, &self.maintenance);
        if let Some(membership) = &self.membership {
            membership.put(&mut context);
        }
        context
    }

    /// Reads the map back; `None` when it is not one that [`Caller::to_context`] wrote.
    pub fn from_context<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let principal: Principal = get(PRINCIPAL)?.parse().ok()?;
        let membership = match get(ORG) {
            None => None,
            Some(org) => Some(Membership {
                org: org.parse().ok()?,
                status: OrgStatus::parse(get(ORG_STATUS)?)?,
                table: get(ORG_TABLE).map(str::to_owned),
                maintenance: maintenance(&get, ORG_MAINTENANCE)?,
                rights: Rights::of(principal, &get)?,
            }),
        };
        Some(Self {
            principal,
            session: get(SESSION).map(str::to_owned),
            staff: get(STAFF).map_or(Some(false), |staff| staff.parse().ok())?,
            membership,
            maintenance: maintenance(&get, MAINTENANCE)?,
            origin: Origin {
                address: get(ADDRESS).map(Pseudonym::parse).transpose().ok()?,
                reason: None,
            },
            act: Act::Change,
        })
    }
}

impl Membership {
    fn put(&self, context: &mut Context) {
        context.insert(ORG, self.org.to_string());
        context.insert(ORG_STATUS, self.status.as_str().to_owned());
        context.extend(self.table.clone().map(|table| (ORG_TABLE, table)));
        put_maintenance(context, ORG_MAINTENANCE, &self.maintenance);
        match &self.rights {
            Rights::Role { role, extra } => {
                context.insert(ROLE, role.as_str().to_owned());
                if !extra.is_empty() {
                    context.insert(EXTRA, extra.to_string());
                }
            }
            Rights::Scopes(scopes) => {
                context.insert(SCOPES, scopes.to_string());
            }
            Rights::Device => {}
        }
    }
}

impl Rights {
    /// The rights that a map names; `None` for such as the kind of principal cannot have.
    fn of<'a>(principal: Principal, get: &impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        match (principal, get(ROLE), get(SCOPES), get(EXTRA)) {
            (Principal::User(_), Some(role), None, extra) => Some(Self::Role {
                role: role.parse::<Role>().ok()?,
                extra: extra.map(Scopes::parse).unwrap_or_default(),
            }),
            (Principal::ApiKey(_) | Principal::Machine(_), None, Some(scopes), None) => {
                Some(Self::Scopes(Scopes::parse(scopes)))
            }
            (Principal::Device(_), None, None, None) => Some(Self::Device),
            _ => None,
        }
    }
}

fn put_maintenance(context: &mut Context, (mode, message): (&'static str, &'static str), maintenance: &Maintenance) {
    if !maintenance.is_none() {
        context.insert(mode, maintenance.mode.as_str().to_owned());
        let text = maintenance.message.as_ref();
        context.extend(text.map(|text| (message, text.as_str().to_owned())));
    }
}

/// Reads a maintenance; `None` for a mode or message that there cannot be.
fn maintenance<'a>(get: &impl Fn(&str) -> Option<&'a str>, (mode, message): (&str, &str)) -> Option<Maintenance> {
    let Some(mode) = get(mode) else {
        return Some(Maintenance::default());
    };
    let message = get(message).map(|text| Message::try_from(text.to_owned()));
    Some(Maintenance {
        mode: Mode::parse(mode)?,
        message: message.transpose().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ULID: &str = "01KAF2Z7M0V8Q4J3T6B9N5R1XC";

    fn caller(kind: &str, rights: Option<Rights>, closed: &Maintenance) -> Caller {
        Caller {
            principal: format!("{kind}_{ULID}").parse().unwrap(),
            session: Some("s".into()),
            staff: false,
            membership: rights.map(|rights| Membership {
                org: format!("org_{ULID}").parse().unwrap(),
                status: OrgStatus::Active,
                table: Some("millwright-dev-org-x-1".into()),
                maintenance: closed.clone(),
                rights,
            }),
            maintenance: closed.clone(),
            origin: Origin {
                address: Pseudonym::parse(&format!("hmac-sha256:{}", "0a".repeat(32))).ok(),
                reason: None,
            },
            act: Act::Change,
        }
    }

    fn read(context: &Context) -> Option<Caller> {
        Caller::from_context(|name| context.get(name).map(String::as_str))
    }

    fn member(extra: &str) -> Rights {
        Rights::Role {
            role: Role::Viewer,
            extra: Scopes::parse(extra),
        }
    }

    #[test]
    fn a_caller_survives_the_journey_through_the_gateway() {
        let scopes = Rights::Scopes(Scopes::parse("telemetry.read telemetry.write"));
        let message = Message::try_from("zurück um 10:00".to_owned()).ok();
        let read_only = Maintenance {
            mode: Mode::ReadOnly,
            message,
        };
        let no_access = Maintenance {
            mode: Mode::NoAccess,
            message: None,
        };
        for closed in [Maintenance::default(), read_only, no_access] {
            for caller in [
                caller("usr", None, &closed),
                Caller {
                    staff: true,
                    session: None,
                    ..caller("usr", None, &closed)
                },
                caller("usr", Some(member("")), &closed),
                caller("usr", Some(member("fleet.write key.manage")), &closed),
                caller("key", Some(scopes.clone()), &closed),
                caller("key", Some(Rights::Scopes(Scopes::default())), &closed),
                caller("mch", Some(scopes.clone()), &closed),
                caller("dev", Some(Rights::Device), &closed),
            ] {
                assert_eq!(read(&caller.to_context()), Some(caller));
            }
        }
    }

    #[test]
    fn a_map_that_nobody_wrote_names_no_caller() {
        assert_eq!(Caller::from_context(|_| None), None);
        let context = caller("usr", Some(member("")), &Maintenance::default()).to_context();
        for (name, value) in [
            (PRINCIPAL, "key_01KAF2Z7M0V8Q4J3T6B9N5R1XC"),
            (PRINCIPAL, "dev_01KAF2Z7M0V8Q4J3T6B9N5R1XC"),
            (STAFF, "1"),
            (ADDRESS, "192.0.2.1"),
            (SCOPES, "org.delete"),
            (ROLE, "emperor"),
            (ORG_STATUS, "lost"),
            (MAINTENANCE.0, "half"),
            (ORG_MAINTENANCE.0, "READ_ONLY"),
        ] {
            let mut wrong = context.clone();
            wrong.insert(name, value.to_owned());
            assert_eq!(read(&wrong), None, "{name}: {value}");
        }
    }
}
