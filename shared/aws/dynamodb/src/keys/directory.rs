//! Keys of the directory, and of the outbox beside it.

use super::{Key, META, time};
use domain::email_domain::DomainName;
use domain::factor::TotpCode;
use domain::id::Id;
use domain::machine::{AccountId, RoleName};
use domain::mail::{AddressHash, NoticeId};
use domain::rate::{Subject, Window};
use domain::{GroupMappingId, InvitationId, KeyId, MachineId, OrgId, TaskId, UserId};
use jiff::Timestamp;

/// Outbox partitions: the sweeper reads each; one partition takes 1,000 writes a second (AWS "Best practices for partition keys").
pub(crate) const OUTBOX_SHARDS: u128 = 8;

/// How many copies there are of the deployment's maintenance.
///
/// It is read at every request, and one partition gives 3,000 strongly consistent reads a second (AWS "Best practices for designing and using
/// partition keys effectively"): 48,000 over 16 of them, and API Gateway lets through 10,000 a second unless more is asked for. Which copy is
/// read follows from who asks, so that a copy is read no more often than its sixteenth of all and those few whose own rows are as hot.
pub(crate) const MAINTENANCE_COPIES: u128 = 16;

/// The deployment's maintenance, one of its copies. Read at every request; written with all others.
pub(crate) fn maintenance(copy: u128) -> Key {
    Key::new(format!("MAINTENANCE#{}", copy % MAINTENANCE_COPIES), META)
}

/// The copy of the deployment's maintenance that is read for somebody.
pub(crate) fn maintenance_for(who: impl Id) -> Key {
    maintenance(who.ulid().0)
}

/// A person. Read by id, at every request.
pub(crate) fn user(id: UserId) -> Key {
    Key::new(format!("USER#{id}"), META)
}

/// The attribute of a person's row that says up to which second every sign-in is over.
pub(crate) const SIGNED_OUT_AT: &str = "signed_out_at";

/// The attribute of a person's row by which journals tell of their addresses.
pub(crate) const PSEUDONYM_KEY: &str = "pseudonym_key";

/// The attribute of an organisation's row by which its journal tells of its machines' addresses.
pub(crate) const MACHINE_KEY: &str = "machine_key";

/// The attribute of a person's row that names the one sign-in that goes on all the same: the one that set a new password.
pub(crate) const KEPT_SESSION: &str = "kept_session";

/// The attribute of a person's row that names the task that deletes the account: none of its credentials is good any more.
pub(crate) const DELETED_BY: &str = "deleted_by";

/// A person's place in an organisation. Read by both, at every request; listed by person.
pub(crate) fn membership(user: UserId, org: OrgId) -> Key {
    Key::new(format!("USER#{user}"), format!("ORG#{org}"))
}

/// The same place, seen from the organisation. Listed by organisation.
pub(crate) fn member(org: OrgId, user: UserId) -> Key {
    Key::new(format!("ORG#{org}"), format!("MEMBER#{user}"))
}

/// An organisation. Read by id, at every request.
pub(crate) fn org(id: OrgId) -> Key {
    Key::new(format!("ORG#{id}"), META)
}

/// The sort key of what an organisation notes of itself.
pub(crate) const PROFILE: &str = "PROFILE";

/// What an organisation notes of itself. Read with the organisation by its members, and not at every request.
pub(crate) fn profile(org: OrgId) -> Key {
    Key::new(format!("ORG#{org}"), PROFILE)
}

/// An API key as the authorizer needs it. Read by id, at every request with that key.
pub(crate) fn key_credential(id: KeyId) -> Key {
    Key::new(format!("KEY#{id}"), META)
}

/// The attribute of an API key's row that says when it was last noted to be used.
pub(crate) const LAST_USED_AT: &str = "last_used_at";

/// An API key as its organisation sees it. Listed by organisation.
pub(crate) fn key(org: OrgId, id: KeyId) -> Key {
    Key::new(format!("ORG#{org}"), format!("KEY#{id}"))
}

/// The series that sessions must be of, of a device or of a project's devices. Read at every request of such a session.
pub(crate) fn series(of: &str) -> Key {
    Key::new(format!("SERIES#{of}"), META)
}

/// The public halves of the keys that sign sessions. Read by the authorizer once a minute, and by whoever signs.
pub(crate) fn session_keys() -> Key {
    Key::new("SESSIONKEYS", META)
}

/// A machine as the authorizer needs it. Read by id, at every request of its sessions.
pub(crate) fn machine_credential(id: MachineId) -> Key {
    Key::new(format!("MACHINE#{id}"), META)
}

/// A machine as its organisation sees it. Listed by organisation.
pub(crate) fn machine(org: OrgId, id: MachineId) -> Key {
    Key::new(format!("ORG#{org}"), format!("MACHINE#{id}"))
}

/// Which machine a role is. Read when the role asks for a session; makes it one machine's alone in its organisation.
pub(crate) fn machine_role(org: OrgId, account: &AccountId, role: &RoleName) -> Key {
    Key::new(format!("ORG#{org}"), format!("MACHINEROLE#{account}#{role}"))
}

/// An invitation. Read by organisation and id, listed by organisation.
pub(crate) fn invitation(org: OrgId, id: InvitationId) -> Key {
    Key::new(format!("ORG#{org}"), format!("INVITATION#{id}"))
}

/// What the sort keys of an organisation's group mappings begin with.
pub(crate) const GROUP_MAPPING_PREFIX: &str = "GROUP#";

/// That a group of an identity provider brings a role. Read by id, listed by organisation.
pub(crate) fn group_mapping(org: OrgId, id: GroupMappingId) -> Key {
    Key::new(format!("ORG#{org}"), format!("{GROUP_MAPPING_PREFIX}{id}"))
}

/// The same, seen from the group. All of a group's read when somebody who is in it has signed in.
pub(crate) fn group_mapped(id: GroupMappingId, org: OrgId) -> Key {
    Key::new(group(id), format!("ORG#{org}"))
}

/// The partition of the organisations that give a role for a group.
pub(crate) fn group(id: GroupMappingId) -> String {
    format!("GROUP#{id}")
}

/// What the sort keys of an organisation's domains begin with.
pub(crate) const DOMAIN_PREFIX: &str = "DOMAIN#";

/// An e-mail domain as its organisation sees it. Read by name, listed by organisation.
pub(crate) fn domain(org: OrgId, name: &DomainName) -> Key {
    Key::new(format!("ORG#{org}"), format!("{DOMAIN_PREFIX}{name}"))
}

/// Whose a verified domain is. Read at every sign-in; makes it one organisation's alone.
pub(crate) fn domain_owner(name: &DomainName) -> Key {
    Key::new(format!("DOMAIN#{name}"), META)
}

/// The partition of the verified domains, in the order of their names.
pub(crate) const DOMAINS: &str = "DOMAINS";

/// That a domain is verified. Read by the round that looks for their records.
pub(crate) fn domain_listed(name: &DomainName) -> Key {
    Key::new(DOMAINS, name.as_str())
}

/// What the sort keys begin with of what says that somebody is not, or no more, brought in by the domain of their address.
pub(crate) const ENROLLED_PREFIX: &str = "ENROLLED#";

/// That somebody was brought into an organisation by their domain once, or taken out of it by hand. Read at every sign-in with an address at a
/// verified domain.
pub(crate) fn enrolled(user: UserId, org: OrgId) -> Key {
    Key::new(format!("USER#{user}"), format!("{ENROLLED_PREFIX}{org}"))
}

/// The same, seen from the organisation: what its deletion finds the other by.
pub(crate) fn enrolled_in(org: OrgId, user: UserId) -> Key {
    Key::new(format!("ORG#{org}"), format!("{ENROLLED_PREFIX}{user}"))
}

/// A sign-in through an identity provider that is under way. Read and deleted when it is finished.
pub(crate) fn sign_in(state: &str) -> Key {
    Key::new(format!("FEDERATION#{state}"), META)
}

/// What an identity provider told of somebody. Read by whatever follows from it.
pub(crate) fn federated(user: UserId) -> Key {
    Key::new(format!("USER#{user}"), "FEDERATED")
}

/// A task. Read by id; listed by organisation in order of acceptance, the system's own under a partition of theirs.
pub(crate) fn task(org: Option<OrgId>, id: TaskId) -> Key {
    Key::new(tasks(org), format!("{TASK_PREFIX}{id}"))
}

/// The partition of an organisation's tasks, or of the system's own.
pub(crate) fn tasks(org: Option<OrgId>) -> String {
    org.map_or_else(|| "SYSTEM".to_owned(), |id| self::org(id).pk)
}

/// What the sort keys of tasks begin with.
pub(crate) const TASK_PREFIX: &str = "TASK#";

/// The partition of the organisations that there are, in order of creation.
pub(crate) const ORGANIZATIONS: &str = "ORGS";

/// That there is an organisation. Read by whatever goes through all of them.
pub(crate) fn organization_listed(id: OrgId) -> Key {
    Key::new(ORGANIZATIONS, id.to_string())
}

/// The partition of how far each organisation's journal was copied to the archive. Read whole by each round.
pub(crate) const ARCHIVED: &str = "ARCHIVED";

/// How far an organisation's journal was copied.
pub(crate) fn archived(id: OrgId) -> Key {
    Key::new(ARCHIVED, id.to_string())
}

/// Attempts that a worker made together, by kind and day (`2026-01-02`).
pub(crate) fn work_log(kind: &str, day: &str, recording: ulid::Ulid) -> Key {
    Key::new(work_log_day(kind, day), recording.to_string())
}

/// The partition of a day's attempts at tasks of a kind.
pub(crate) fn work_log_day(kind: &str, day: &str) -> String {
    format!("WORK#{kind}#{day}")
}

/// A sign-in that is over. Read at every request of its tokens.
pub(crate) fn revoked_session(session: &str) -> Key {
    Key::new(format!("SESSION#{session}"), "REVOKED")
}

/// Which refresh token of a sign-in is good. Read and written at every refresh.
pub(crate) fn rotation(session: &str) -> Key {
    Key::new(format!("SESSION#{session}"), "ROTATION")
}

/// Somebody's second factor. Read at every sign-in, and by its owner.
pub(crate) fn mfa(user: UserId) -> Key {
    Key::new(format!("USER#{user}"), "MFA")
}

/// That a code of an authenticator was used. Written at each use, over one that has expired.
pub(crate) fn totp_used(user: UserId, code: &TotpCode) -> Key {
    Key::new(format!("USER#{user}"), format!("TOTP#{}", code.as_str()))
}

/// That an address takes no more mail. Read before each mail to it, and by its owner.
pub(crate) fn mail_mark(address: &AddressHash) -> Key {
    Key::new(format!("MAIL#{}", address.as_str()), META)
}

/// Whose a confirmed address is. Read by whoever mails its owner and knows no more than the hash.
pub(crate) fn address(address: &AddressHash) -> Key {
    Key::new(format!("ADDRESS#{}", address.as_str()), META)
}

/// The passwords tried at an address. Read and written at every sign-in.
pub(crate) fn attempts(address: &AddressHash) -> Key {
    Key::new(format!("SIGNIN#{}", address.as_str()), META)
}

/// The address that somebody wants for theirs. Read by whoever mails it.
pub(crate) fn email_wish(user: UserId) -> Key {
    Key::new(format!("USER#{user}"), "EMAIL")
}

/// The token that proves an address that somebody wants. Read when it is used.
pub(crate) fn email_link(user: UserId) -> Key {
    Key::new(format!("USER#{user}"), "EMAILLINK")
}

/// The token that unlocks somebody's sign-in. Read when it is used.
pub(crate) fn unlock_link(user: UserId) -> Key {
    Key::new(format!("USER#{user}"), "UNLOCK")
}

/// A notice that was mailed, or is about to be. Written by whoever mails it, and when SES tells that it went out.
pub(crate) fn notice(id: &NoticeId) -> Key {
    Key::new(format!("NOTICE#{id}"), META)
}

/// The partition of how the system fares. Read whole by the status page, one row by whoever writes it.
pub(crate) const STATUS: &str = "STATUS";

/// What the sort keys of heartbeats begin with.
pub(crate) const HEARTBEAT_PREFIX: &str = "HEARTBEAT#";
/// What the sort keys of checks begin with.
pub(crate) const CHECK_PREFIX: &str = "CHECK#";
/// The sort key of the queues.
pub(crate) const QUEUES: &str = "QUEUES";

/// When a worker last proved that it is alive.
pub(crate) fn heartbeat(worker: &str) -> Key {
    Key::new(STATUS, format!("{HEARTBEAT_PREFIX}{worker}"))
}

/// The queues as the health check last saw them.
pub(crate) fn queues_seen() -> Key {
    Key::new(STATUS, QUEUES)
}

/// When a check last ran to its end.
pub(crate) fn check_run(check: &str) -> Key {
    Key::new(STATUS, format!("{CHECK_PREFIX}{check}"))
}

/// Whether a worker is silent, and whether staff know.
pub(crate) fn alert(worker: &str) -> Key {
    Key::new(STATUS, format!("ALERT#{worker}"))
}

/// The partition of the days' statistics.
pub(crate) const STATISTICS: &str = "STATISTICS";

/// The statistics of a day (`2026-01-02`). Listed by day.
pub(crate) fn statistics(day: &str) -> Key {
    Key::new(STATISTICS, day)
}

/// The partition of what was billed.
pub(crate) const COSTS: &str = "COSTS";

/// What was billed up to a day (`2026-01-02`). Listed by day.
pub(crate) fn costs(day: &str) -> Key {
    Key::new(COSTS, day)
}

/// A kind of unexpected error. Read and counted by its fingerprint.
pub(crate) fn error(fingerprint: &str) -> Key {
    Key::new(format!("ERROR#{fingerprint}"), META)
}

/// The partition of the kinds of errors, in the order of their first sightings.
pub(crate) const ERRORS: &str = "ERRORS";

/// That there is a kind of error. Listed by first sighting.
pub(crate) fn error_listed(first_seen: Timestamp, fingerprint: &str) -> Key {
    let at = i64::try_from(first_seen.as_nanosecond()).unwrap_or(i64::MAX);
    Key::new(ERRORS, format!("{}#{fingerprint}", time(at)))
}

/// The partition of the queues that are paused.
pub(crate) const PAUSES: &str = "PAUSE";

/// That a queue is paused. Read by name; all of them listed together.
pub(crate) fn pause(queue: &str) -> Key {
    Key::new(PAUSES, queue)
}

/// How much of a minute's quota a subject's requests have taken. Written once for each block of requests.
pub(crate) fn rate(subject: &Subject, window: Window) -> Key {
    Key::new(format!("RATE#{subject}"), window.start().to_string())
}

/// No row: what an environment asks for that opens its connection.
pub(crate) fn rate_opened() -> Key {
    Key::new("RATE#", "0")
}

// ---- outbox ----

/// A task that is not done. Read by the sweeper, oldest first within a shard.
pub(crate) fn outbox(task: TaskId) -> Key {
    Key::new(outbox_shard(task.ulid().0 % OUTBOX_SHARDS), task.to_string())
}

/// One partition of the outbox.
pub(crate) fn outbox_shard(shard: u128) -> String {
    format!("OUTBOX#{shard}")
}
