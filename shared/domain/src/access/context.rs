//! The caller as API Gateway carries them from the authorizer to a function: a flat map of texts, the authorizer's `context`.

use super::{Caller, Membership, Principal, Rights, Role, Scopes};
use crate::journal::Origin;
use crate::organization::OrgStatus;
use std::collections::BTreeMap;

const PRINCIPAL: &str = "principal";
const SESSION: &str = "session";
const STAFF: &str = "staff";
const ORG: &str = "org";
const ORG_STATUS: &str = "org_status";
const ORG_TABLE: &str = "org_table";
const ROLE: &str = "role";
const SCOPES: &str = "scopes";

impl Caller {
    /// The caller as a map of texts.
    pub fn to_context(&self) -> BTreeMap<&'static str, String> {
        let mut context = BTreeMap::from([(PRINCIPAL, self.principal.to_string())]);
        context.extend(self.session.clone().map(|session| (SESSION, session)));
        if self.staff {
            context.insert(STAFF, true.to_string());
        }
        if let Some(Membership {
            org,
            status,
            table,
            rights,
        }) = &self.membership
        {
            context.insert(ORG, org.to_string());
            context.insert(ORG_STATUS, status.as_str().to_owned());
            context.extend(table.clone().map(|table| (ORG_TABLE, table)));
            match rights {
                Rights::Role(role) => context.insert(ROLE, role.as_str().to_owned()),
                Rights::Scopes(scopes) => context.insert(SCOPES, scopes.to_string()),
            };
        }
        context
    }

    /// Reads the map back; `None` when it is not one that [`Caller::to_context`] wrote.
    pub fn from_context<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let principal: Principal = get(PRINCIPAL)?.parse().ok()?;
        let membership = match get(ORG) {
            None => None,
            Some(org) => {
                let rights = match (get(ROLE), get(SCOPES)) {
                    (Some(role), None) => Rights::Role(role.parse::<Role>().ok()?),
                    (None, Some(scopes)) => Rights::Scopes(Scopes::parse(scopes)),
                    _ => return None,
                };
                let status = OrgStatus::parse(get(ORG_STATUS)?)?;
                Some(Membership {
                    org: org.parse().ok()?,
                    status,
                    table: get(ORG_TABLE).map(str::to_owned),
                    rights,
                })
            }
        };
        Some(Self {
            principal,
            session: get(SESSION).map(str::to_owned),
            staff: get(STAFF).map_or(Some(false), |staff| staff.parse().ok())?,
            membership,
            origin: Origin::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_survives_the_journey_through_the_gateway() {
        let membership = |rights| Membership {
            org: "org_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap(),
            status: OrgStatus::Active,
            table: Some("millwright-dev-org-x-1".into()),
            rights,
        };
        let person: Principal = "usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let key: Principal = "key_01KAF2Z7M0V8Q4J3T6B9N5R1XC".parse().unwrap();
        let scopes = Scopes::parse("telemetry.read telemetry.write");
        for caller in [
            Caller {
                principal: person,
                session: Some("s".into()),
                staff: false,
                membership: None,
                origin: Origin::default(),
            },
            Caller {
                principal: person,
                session: Some("s".into()),
                staff: true,
                membership: None,
                origin: Origin::default(),
            },
            Caller {
                principal: person,
                session: None,
                staff: false,
                membership: Some(membership(Rights::Role(Role::Viewer))),
                origin: Origin::default(),
            },
            Caller {
                principal: key,
                session: None,
                staff: false,
                membership: Some(membership(Rights::Scopes(scopes))),
                origin: Origin::default(),
            },
        ] {
            let context = caller.to_context();
            assert_eq!(
                Caller::from_context(|name| context.get(name).map(String::as_str)),
                Some(caller)
            );
        }
        assert_eq!(Caller::from_context(|_| None), None);
        let unsure = |name: &str| match name {
            PRINCIPAL => Some("usr_01KAF2Z7M0V8Q4J3T6B9N5R1XC"),
            STAFF => Some("1"),
            _ => None,
        };
        assert_eq!(Caller::from_context(unsure), None);
    }
}
