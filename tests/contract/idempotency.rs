//! Every POST can be sent again without harm: by its `Idempotency-Key`, or for the reason given here.

/// Why a POST takes no key.
fn keyless(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "createAccount"
        | "confirmAccount"
        | "resendConfirmation"
        | "requestPasswordReset"
        | "confirmPasswordReset"
        | "createSession"
        | "answerChallenge"
        | "refreshSession"
        | "startFederatedSession"
        | "createFederatedSession"
        | "unlockAccount" => "on the way to signing in: nobody is known yet whose key it could be",
        "createMachineSession" => "a repetition gives another session",
        "createDeviceSession" | "renewDeviceSession" => {
            "a repetition gives another session; a device that registers itself is known by its hardware id"
        }
        "drainQueue" | "resumeQueue" | "redriveDeadLetters" => "a repetition finds the queue as it is asked to be",
        "changeEmail" | "confirmEmail" => "a repetition finds the address asked for, or changed",
        "changePassword" => "a repetition finds the password changed",
        "beginMfa" => "a repetition gives another secret, and none counts before a code of it is confirmed",
        "confirmMfa" => "a repetition finds the second factor on; its answer holds secrets, which can be renewed",
        "renewRecoveryCodes" => "a repetition gives others in the place of those whose answer was lost",
        "unlockSignIn" => "a repetition finds nothing locked",
        "upgradeOrganizations" => "a repetition finds the upgrade that goes on, or nothing left to upgrade",
        "uploadReadings" | "uploadReport" | "uploadProjectReadings" | "uploadOwnReadings" | "uploadOwnReport" => {
            "a reading is known by stream, time and number: sent twice, it is there once"
        }
        _ => return None,
    })
}

#[test]
fn every_post_takes_a_key_or_says_why_not() {
    let contract = contract::full();
    for (path, item) in contract["paths"].as_object().unwrap() {
        let Some(operation) = item.get("post") else { continue };
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let keys: Vec<_> = parameters
            .filter(|it| it["in"] == "header" && it["name"] == "Idempotency-Key")
            .collect();
        if keyless(operation["operationId"].as_str().unwrap()).is_some() {
            assert!(keys.is_empty(), "POST {path} documents a key that it does not take");
            continue;
        }
        assert_eq!(
            keys.len(),
            1,
            "POST {path} takes no `Idempotency-Key`; one that creates must"
        );
        assert_ne!(keys[0]["required"], true, "POST {path}");
        assert_eq!(keys[0]["schema"]["maxLength"], 255, "POST {path}");
        assert!(!operation["responses"]["422"].is_null(), "POST {path}");
    }
}
