//! SAML, as far as the emulator goes: the way of the browser, the attributes and the groups, not the assertion's signature.

use super::cloud::{Ground, SAML};
use super::provider::Who;
use tests::Organization;

pub async fn a_person_signs_in_by_saml(ground: &Ground, acme: &Organization) {
    let who = Who::new("sam", &["smiths", "welders"]);
    let begun = ground.begin(SAML).await;
    let back = ground.browse(&begun, &who).await;
    // The emulator tells every address as verified that a provider tells without saying whether it is.
    let session = ground.finish(&back.code, &back.state, &begun.ticket).await.expect(201);
    let sam = ground.person(session).await;
    assert_eq!(sam.email, who.email);
    let smithy = sam.organization("Smithy").await;
    ground.map(&smithy, SAML, "welders", "manager").await;

    let pat = Who::new("pat", &["welders", "guests"]);
    let begun = ground.begin(SAML).await;
    let back = ground.browse(&begun, &pat).await;
    let session = ground.finish(&back.code, &back.state, &begun.ticket).await.expect(201);
    let pat = ground.person(session).await;
    ground.until_role(&pat, &smithy, Some("manager")).await;
    // A group of the same name at another provider is another group.
    ground.until_role(&pat, acme, None).await;
}
