//! Accounts in a user pool of a deployment's own.

use super::World;
use domain::UserId;
use serde_json::json;

impl World {
    /// Gives somebody an account in a user pool.
    pub async fn account(&self, user: UserId) {
        let pool = json!({ "PoolName": self.name });
        let pool = self.emulator.call(&cognito("CreateUserPool"), &pool).await;
        let pool = pool["UserPool"]["Id"].as_str().unwrap().to_owned();
        let account = json!({ "UserPoolId": pool, "Username": user.sub(), "MessageAction": "SUPPRESS" });
        self.emulator.call(&cognito("AdminCreateUser"), &account).await;
        self.pool.set(pool).unwrap();
    }

    /// Who has an account in the user pool, where there is one.
    pub async fn people(&self) -> Option<String> {
        let pool = json!({ "UserPoolId": self.pool.get()? });
        let found = self.emulator.call(&cognito("ListUsers"), &pool).await;
        Some(match found["Users"].as_array().map_or(0, Vec::len) {
            0 => "nobody in Cognito".to_owned(),
            some => format!("{some} in Cognito"),
        })
    }
}

fn cognito(operation: &str) -> String {
    format!("AWSCognitoIdentityProviderService.{operation}")
}
