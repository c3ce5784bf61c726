//! What the authorizer needs to know of a caller: one strongly consistent BatchGetItem a request.

use super::machines::StoredMachine;
use super::pseudonyms::pseudonym_key;
use super::sessions::Told;
use super::{Directory, maintenance};
use crate::cell::{Item, number, text, texts};
use crate::keys;
use crate::table::from_item;
use domain::credential::{FormerSecret, TokenHash};
use domain::journal::PseudonymKey;
use domain::maintenance::Maintenance;
use domain::networks::SourceNetworks;
use domain::organization::Organization;
use domain::{DeviceId, KeyId, MachineId, OrgId, Permission, ProjectId, Role, Scopes, SeriesId, ServiceError, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the directory knows of a person who presents an access token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserCredentials {
    /// Whether there is such a person, whose account is not being deleted.
    pub known: bool,
    /// Whether the sign-in that the token descends from is over.
    pub revoked: bool,
    /// The second up to which, itself included, this sign-in of the person is over with all the others.
    pub signed_out_at: Option<i64>,
    /// By which journals tell of their addresses.
    pub pseudonym_key: Option<PseudonymKey>,
    /// The path's organisation, where it exists.
    pub org: Option<Organization>,
    /// The person's role in it, where they have one.
    pub role: Option<Role>,
    /// What they hold in it beyond the role.
    pub extra: Scopes,
    /// The deployment's maintenance.
    pub maintenance: Maintenance,
}

/// What the directory knows of an API key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyCredentials {
    /// The key, while it is not revoked.
    pub key: Option<StoredKey>,
    /// The path's organisation, where it exists.
    pub org: Option<Organization>,
    /// The deployment's maintenance.
    pub maintenance: Maintenance,
}

/// What the directory knows of a device that presents a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeviceCredentials {
    /// The series that the device's sessions must be of, where one was begun lately.
    pub of_device: Option<SeriesId>,
    /// The same of its project.
    pub of_project: Option<SeriesId>,
    /// Its organisation, where it still exists.
    pub org: Option<Organization>,
    /// The deployment's maintenance.
    pub maintenance: Maintenance,
}

/// What the directory knows of a machine that presents a session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MachineCredentials {
    /// The machine, while it is registered.
    pub machine: Option<StoredMachine>,
    /// Its organisation, where it still exists.
    pub org: Option<Organization>,
    /// The deployment's maintenance.
    pub maintenance: Maintenance,
}

/// An API key as it is stored: never the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// The organisation it opens.
    pub org: OrgId,
    /// SHA-256 of the secret.
    pub hash: TokenHash,
    /// The secret before the latest rotation.
    #[serde(default)]
    pub former: Option<FormerSecret>,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When it ends, where it does.
    pub expires: Option<Timestamp>,
    /// Where it may be used from.
    #[serde(default)]
    pub networks: SourceNetworks,
    /// When somebody last noted that it was used: the second since the epoch, at most a minute behind.
    #[serde(default)]
    pub last_used_at: Option<i64>,
}

impl UserCredentials {
    /// Whether a sign-in of that second is over: by itself, or since every one was ended.
    pub fn is_over(&self, signed_in_at: i64) -> bool {
        self.revoked || self.signed_out_at.is_some_and(|at| signed_in_at <= at)
    }
}

impl Directory {
    /// What is known of a person, of the sign-in their token descends from, and of their place in the path's organisation.
    pub async fn user_credentials(
        &self,
        user: UserId,
        session: &str,
        org: Option<OrgId>,
    ) -> Result<UserCredentials, ServiceError> {
        let maintenance = keys::maintenance_for(user);
        let mut wanted = vec![keys::user(user), keys::revoked_session(session), maintenance];
        wanted.extend(
            org.into_iter()
                .flat_map(|org| [keys::org(org), keys::membership(user, org)]),
        );
        let mut found = UserCredentials::default();
        for item in self.table.get_many(&wanted).await? {
            let (pk, sk) = key_of(&item);
            match (pk.split('#').next(), sk) {
                (Some("USER"), "META") => {
                    found.known = text(&item, keys::DELETED_BY).is_none();
                    let kept = text(&item, keys::KEPT_SESSION) == Some(session);
                    found.signed_out_at = number(&item, keys::SIGNED_OUT_AT).filter(|_| !kept);
                    found.pseudonym_key = pseudonym_key(&item);
                }
                (Some("USER"), _) => {
                    found.role = text(&item, "role").and_then(|role| role.parse().ok());
                    found.extra = Scopes::parse(&texts(&item, "permissions").join(" "));
                }
                (Some("SESSION"), _) => found.revoked = true,
                (Some("MAINTENANCE"), _) => found.maintenance = maintenance::read(item)?,
                _ => found.org = Some(from_item(item)?),
            }
        }
        Ok(found)
    }

    /// What is known of an API key and of the path's organisation.
    pub async fn key_credentials(&self, key: KeyId, org: Option<OrgId>) -> Result<KeyCredentials, ServiceError> {
        let mut wanted = vec![keys::key_credential(key), keys::maintenance_for(key)];
        wanted.extend(org.map(keys::org));
        let mut found = KeyCredentials::default();
        for item in self.table.get_many(&wanted).await? {
            match key_of(&item).0.split('#').next() {
                Some("KEY") => found.key = Some(from_item(item)?),
                Some("MAINTENANCE") => found.maintenance = maintenance::read(item)?,
                _ => found.org = Some(from_item(item)?),
            }
        }
        Ok(found)
    }
}

impl Directory {
    /// What is known of a device, of its project's sessions, and of its organisation.
    pub async fn device_credentials(
        &self,
        device: DeviceId,
        project: ProjectId,
        org: OrgId,
    ) -> Result<DeviceCredentials, ServiceError> {
        let (of_device, of_project) = (keys::series(&device.to_string()), keys::series(&project.to_string()));
        let maintenance = keys::maintenance_for(device);
        let wanted = [
            of_device.clone(),
            of_project.clone(),
            keys::org(org),
            maintenance.clone(),
        ];
        let mut found = DeviceCredentials::default();
        for item in self.table.get_many(&wanted).await? {
            let pk = key_of(&item).0.to_owned();
            if pk == of_device.pk {
                found.of_device = Some(from_item::<Told>(item)?.series);
            } else if pk == of_project.pk {
                found.of_project = Some(from_item::<Told>(item)?.series);
            } else if pk == maintenance.pk {
                found.maintenance = maintenance::read(item)?;
            } else {
                found.org = Some(from_item(item)?);
            }
        }
        Ok(found)
    }

    /// What is known of a machine and of its organisation.
    pub async fn machine_credentials(&self, id: MachineId, org: OrgId) -> Result<MachineCredentials, ServiceError> {
        let wanted = [keys::machine_credential(id), keys::org(org), keys::maintenance_for(id)];
        let mut found = MachineCredentials::default();
        for item in self.table.get_many(&wanted).await? {
            match key_of(&item).0.split('#').next() {
                Some("MACHINE") => found.machine = Some(from_item(item)?),
                Some("MAINTENANCE") => found.maintenance = maintenance::read(item)?,
                _ => found.org = Some(from_item(item)?),
            }
        }
        Ok(found)
    }
}

fn key_of(item: &Item) -> (&str, &str) {
    (
        text(item, "pk").unwrap_or_default(),
        text(item, "sk").unwrap_or_default(),
    )
}
