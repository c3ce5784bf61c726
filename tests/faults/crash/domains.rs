//! E-mail domains: verified, looked after, and the members that they bring.

use crate::crash::ground::{self, event};
use crate::crash::scenarios::Scenario;
use crate::world::World;
use aws_dynamodb::Change;
use domain::account::{AccountStatus, Notices, User};
use domain::email_domain::{Challenge, DomainName, DomainStatus, EmailDomain, MISSING_FOR};
use domain::organization::{OrgStatus, Organization};
use domain::task::{Task, TaskKind};
use domain::text::{Email, Name};
use domain::{Role, UserId};
use futures::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// What they start from.
pub const ALL: &[Scenario] = &[
    Scenario {
        kind: TaskKind::VerifyDomain,
        name: "a domain's record is found",
        begin: |world| verify(world, true).boxed_local(),
        leaves: &[
            "domain.verified",
            r#""pk":"DOMAIN#WORLD.example""#,
            r#""pk":"DOMAINS""#,
            r#""result":{"domain":"WORLD.example","status":"verified"}"#,
        ],
    },
    Scenario {
        kind: TaskKind::VerifyDomain,
        name: "a domain's record is not found, which is for its asker to mend",
        begin: |world| verify(world, false).boxed_local(),
        leaves: &[
            "there is no TXT record at ",
            r#""status":"failed""#,
            r#""status":"pending""#,
        ],
    },
    Scenario {
        kind: TaskKind::EnrolMember,
        name: "somebody with an address at a verified domain becomes a member",
        begin: |world| enrol(world).boxed_local(),
        leaves: &[
            "member.joined",
            r#""sk":"ENROLLED#"#,
            r#""role":"operator""#,
            "verified domain WORLD.example",
        ],
    },
    Scenario {
        kind: TaskKind::CheckDomains,
        name: "the record of a domain is missing, and those who run its organisation are told",
        begin: |world| check(world, None).boxed_local(),
        leaves: &[
            "domain.record_missing",
            r#""kind":"notice.domain""#,
            r#"mail "The record of"#,
            r#""missing":1"#,
        ],
    },
    Scenario {
        kind: TaskKind::CheckDomains,
        name: "the record of a domain has been missing for a week",
        begin: |world| check(world, Some(MISSING_FOR)).boxed_local(),
        leaves: &[
            "domain.lapsed",
            r#"mail "Your domain is"#,
            r#""lapsed":1"#,
            r#""status":"pending""#,
        ],
    },
    Scenario {
        kind: TaskKind::TellDomain,
        name: "those who run an organisation are told of a domain",
        begin: |world| tell(world).boxed_local(),
        leaves: &["mail ", r#""status":"succeeded""#],
    },
];

/// An organisation in use, and its domain: verified, where it is to be.
pub async fn claimed(world: &World, status: DomainStatus) -> (Organization, EmailDomain) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    ground::table(world, &org).await;
    let domain = claim(world, &org, status).await;
    ground::forget_tasks(world).await;
    (org, domain)
}

/// Gives an organisation a domain.
pub async fn claim(world: &World, org: &Organization, status: DomainStatus) -> EmailDomain {
    let (directory, now) = (world.directory(), world.source.now());
    let domain = EmailDomain {
        domain: DomainName::parse(&format!("{}.example", world.name)).unwrap(),
        role: Role::Operator,
        enrolment: true,
        status: DomainStatus::Pending,
        challenge: Challenge::new(&world.source),
        verified_at: None,
        missing_since: None,
        created_by: org.created_by.to_string(),
        created_at: now,
        version: 1,
    };
    let table = ground::open(world, org, OrgStatus::Active);
    let change = Change::told(event("domain.created"));
    directory.create_domain(&table, change, &domain).await.unwrap();
    if status == DomainStatus::Pending {
        return domain;
    }
    let verified = domain.verified(now);
    let change = directory
        .with_domain_verified(Change::silent(), org.id, &verified)
        .unwrap();
    directory.commit(None, change).await.unwrap();
    verified
}

/// Somebody with a confirmed address at the domain.
pub async fn person(world: &World) -> UserId {
    let user = User {
        id: world.source.id(),
        email: Email::parse(&format!("bea@{}.example", world.name)).unwrap(),
        name: Name::parse("Bea").unwrap(),
        status: AccountStatus::Active,
        created_at: world.source.now(),
        notices: Notices::default(),
    };
    world.directory().put_new_user(&user).await.unwrap();
    user.id
}

async fn accepted(world: &World, task: &Task) {
    world.directory().accept_task(task).await.unwrap();
    world.wake(task).await;
}

async fn verify(world: &World, published: bool) {
    let (org, domain) = claimed(world, DomainStatus::Pending).await;
    if published {
        tests::dns::publish(&domain.record_name(), &["v=spf1 -all", &domain.record_value()]);
    }
    let task = ground::task(world, &org, TaskKind::VerifyDomain).with_input(json!({ "domain": domain.domain }));
    accepted(world, &task).await;
}

async fn enrol(world: &World) {
    claimed(world, DomainStatus::Verified).await;
    let (user, now) = (person(world).await, world.source.now());
    let task = Task::queued(world.source.id(), None, TaskKind::EnrolMember, "system", now);
    accepted(world, &task.with_input(json!({ "user": user }))).await;
}

/// The day's round, which finds no record: for the first time, or for as long as this.
async fn check(world: &World, missing_for: Option<SignedDuration>) {
    let (org, domain) = claimed(world, DomainStatus::Verified).await;
    let now = world.source.now();
    if let Some(span) = missing_for {
        missing(world, &org, &domain, now - span).await;
    }
    accepted(world, &Task::scheduled(TaskKind::CheckDomains, now, now)).await;
}

async fn missing(world: &World, org: &Organization, domain: &EmailDomain, since: Timestamp) {
    let domain = EmailDomain {
        missing_since: Some(since),
        version: domain.version + 1,
        ..domain.clone()
    };
    let change = world
        .directory()
        .with_domain(Change::silent(), org.id, &domain)
        .unwrap();
    world.directory().commit(None, change).await.unwrap();
}

async fn tell(world: &World) {
    let (org, domain) = claimed(world, DomainStatus::Verified).await;
    let now = world.source.now();
    missing(world, &org, &domain, now).await;
    let task = Task::queued(world.source.id(), org.id, TaskKind::TellDomain, "system", now);
    let input = json!({ "domain": domain.domain, "ends_at": now + MISSING_FOR });
    accepted(world, &task.with_input(input)).await;
}
