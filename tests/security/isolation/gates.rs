//! Who may call each operation: the one table that a new route adds itself to.

use crate::contract::{Operation, operations};
use contract::full;
use domain::Permission;
use serde_json::json;

/// What an operation asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Nothing.
    Open,
    /// A request signed with an AWS role: API Gateway turns away whoever has none.
    Signed,
    /// To be a person who has signed in. It reaches what is theirs, and nothing else.
    Person,
    /// To have a place in the organisation that its query names.
    Place,
    /// To be one of the staff.
    Staff,
    /// To be a device. It reaches that device, and nothing else.
    Device,
    /// This permission in the organisation of its path.
    Holds(&'static str),
    /// Both of these.
    HoldsBoth(&'static str, &'static str),
}

use Gate::{Device, Holds, HoldsBoth, Open, Person, Place, Signed, Staff};

/// The operation's gate; none for one that nobody has said it of.
pub fn gate(operation: &str) -> Option<Gate> {
    Some(match operation {
        "createAccount" | "confirmAccount" | "resendConfirmation" | "unlockAccount" => Open,
        "createSession" | "answerChallenge" | "refreshSession" | "requestPasswordReset" | "confirmPasswordReset" => {
            Open
        }
        "listIdentityProviders" | "startFederatedSession" | "createFederatedSession" => Open,
        "getStatus" | "getContract" | "listJournalKeys" | "createDeviceSession" => Open,
        "createMachineSession" => Signed,
        "getMe" | "updateMe" | "deleteMe" | "changeEmail" | "confirmEmail" | "changePassword" => Person,
        "beginMfa" | "confirmMfa" | "endMfa" | "renewRecoveryCodes" | "endSession" | "endAllSessions" => Person,
        "listOrganizations" | "createOrganization" | "acceptInvitation" => Person,
        "getMyPermissions" => Place,
        "listQueues" | "listDeadLetters" | "redriveDeadLetters" | "drainQueue" | "resumeQueue" => Staff,
        "listErrors" | "listDayStatistics" | "listWork" | "unlockSignIn" | "getCosts" => Staff,
        "listSystemTasks" | "getSystemTask" | "upgradeOrganizations" | "getMaintenance" | "setMaintenance" => Staff,
        "getOwnDevice" | "renewDeviceSession" | "uploadOwnReadings" | "uploadOwnReport" => Device,
        "getOrganization" => Holds("org.read"),
        "updateOrganization" => Holds("org.manage"),
        "exportOrganization" => Holds("org.export"),
        "deleteOrganization" | "restoreOrganization" | "reopenOrganization" => Holds("org.delete"),
        "transferOwnership" => Holds("owner.manage"),
        "listMembers" | "getMember" => Holds("member.read"),
        "updateMember" | "removeMember" => Holds("member.manage"),
        "createInvitation" | "listInvitations" | "revokeInvitation" | "resendInvitation" => Holds("member.manage"),
        "createGroupMapping" | "listGroupMappings" | "deleteGroupMapping" => Holds("member.manage"),
        "createEmailDomain" | "listEmailDomains" | "getEmailDomain" => Holds("member.manage"),
        "updateEmailDomain" | "deleteEmailDomain" | "verifyEmailDomain" => Holds("member.manage"),
        "createApiKey" | "listApiKeys" | "getApiKey" | "updateApiKey" | "rotateApiKey" | "revokeApiKey" => {
            Holds("key.manage")
        }
        "createMachine" | "listMachines" | "removeMachine" => Holds("machine.manage"),
        "listJournal" | "getJournalHead" => Holds("journal.read"),
        "exportJournal" => Holds("journal.export"),
        "listTasks" | "getTask" | "listAttempts" => Holds("task.read"),
        // The task of the path is one that only an owner could ask for.
        "retryTask" | "cancelTask" | "getTaskFile" => Holds("org.delete"),
        "listProjects" | "getProject" | "listDevices" | "getDevice" => Holds("fleet.read"),
        "getProjectFilter" | "getStreamFilter" => Holds("fleet.read"),
        "createProject" | "updateProject" | "deleteProject" => Holds("fleet.write"),
        "rotateProjectToken" | "endProjectSessions" | "endDeviceSessions" => Holds("fleet.write"),
        "createDevice" | "updateDevice" | "deleteDevice" => Holds("fleet.write"),
        "setProjectFilter" | "deleteProjectFilter" | "setStreamFilter" | "deleteStreamFilter" => Holds("fleet.write"),
        "updateStream" | "deleteReadings" => Holds("fleet.write"),
        "listStreams" | "getStream" | "listReadings" | "listReadingsOfStreams" => Holds("telemetry.read"),
        "getStatistics" | "listGaps" | "listFilterTransitions" => Holds("telemetry.read"),
        "listEvents" | "getEvent" | "getProjectStatistics" | "exportReadings" => Holds("telemetry.read"),
        "copyReadings" => HoldsBoth("telemetry.read", "telemetry.write"),
        "uploadReadings" | "uploadReport" | "uploadProjectReadings" => Holds("telemetry.write"),
        _ => return None,
    })
}

/// The roles that hold a permission.
pub fn holders(permission: &str) -> &'static [&'static str] {
    match permission {
        "org.read" | "task.read" | "fleet.read" => &["owner", "admin", "manager", "operator", "viewer"],
        "member.read" | "telemetry.read" => &["owner", "admin", "manager", "viewer"],
        "telemetry.write" => &["owner", "admin", "manager", "operator"],
        "fleet.write" => &["owner", "admin", "manager"],
        "org.manage" | "org.export" | "member.manage" | "key.manage" | "machine.manage" => &["owner", "admin"],
        "journal.read" | "journal.export" => &["owner", "admin"],
        "org.delete" | "owner.manage" => &["owner"],
        other => panic!("{other}: say in `holders` (tests/security/isolation/gates.rs) which roles hold it"),
    }
}

#[test]
fn every_operation_says_who_may_call_it_and_the_contract_says_the_same() {
    let mut wrong = Vec::new();
    for Operation {
        id,
        method,
        path,
        described: operation,
    } in operations(&full())
    {
        let Some(gate) = gate(&id) else {
            wrong.push(format!(
                "{method} {path}: say in `gate` (tests/security/isolation/gates.rs) who may call {id}"
            ));
            continue;
        };
        let ways = operation["security"].as_array().cloned().unwrap_or_default();
        let takes = |scheme: &str| ways.iter().any(|way| way.get(scheme).is_some());
        if (gate == Open) != ways.contains(&json!({})) {
            wrong.push(format!("{id} is {gate:?}, and its `security` is {ways:?}"));
        }
        let for_keys = Permission::FOR_KEYS.iter().map(|permission| permission.as_str());
        let has = |permission| for_keys.clone().any(|it| it == permission);
        let key_could = match gate {
            Holds(permission) => has(permission),
            HoldsBoth(one, other) => has(one) && has(other),
            _ => false,
        };
        let by_task = gate == Place || ["retryTask", "cancelTask", "getTaskFile"].contains(&id.as_str());
        if takes("api_key") && !key_could && !by_task {
            wrong.push(format!(
                "{id} takes API keys, and no key can hold what it needs: {gate:?}"
            ));
        }
        if (gate == Device) != takes("device_session") || (gate == Signed) != takes("aws_sigv4") {
            wrong.push(format!("{id} is {gate:?}, and its `security` is {ways:?}"));
        }
        if matches!(gate, Holds(_) | HoldsBoth(..)) != path.starts_with("/v1/orgs/{org}") {
            wrong.push(format!("{id} is {gate:?} at {path}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}
