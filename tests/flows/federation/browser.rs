//! A browser, as far as a sign-in needs one: it follows redirects and posts the one form of SAML.

use super::cloud::{CALLBACK, PAGES};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use std::time::Duration;

/// A browser that finds the pool's pages at the local cloud.
pub struct Browser {
    client: Client,
    endpoint: String,
}

/// What a browser brought back.
pub struct Return {
    pub code: String,
    pub state: String,
    /// Every address it was sent to on its way.
    pub seen: Vec<Url>,
}

impl Browser {
    pub fn new(endpoint: &str) -> Self {
        let client = Client::builder()
            .timeout(Duration::from_secs(60))
            .redirect(Policy::none());
        Self {
            client: client.build().unwrap(),
            endpoint: endpoint.to_owned(),
        }
    }

    /// Goes where it is sent until it is sent back.
    pub async fn follow(&self, url: &str) -> Return {
        let (mut next, mut seen) = (url.to_owned(), Vec::new());
        for _ in 0..10 {
            let url: Url = next.parse().unwrap();
            seen.push(url.clone());
            if next.starts_with(CALLBACK) {
                let named = |name: &str| {
                    url.query_pairs()
                        .find(|(key, _)| key == name)
                        .map(|(_, value)| value.into_owned())
                };
                return Return {
                    code: named("code").unwrap_or_else(|| panic!("no code in {url}")),
                    state: named("state").unwrap_or_else(|| panic!("no state in {url}")),
                    seen,
                };
            }
            next = self.step(&next).await;
        }
        panic!("sent round in circles: {seen:?}");
    }

    async fn step(&self, url: &str) -> String {
        let answer = self
            .client
            .get(url.replace(PAGES, &self.endpoint))
            .send()
            .await
            .unwrap();
        if answer.status() == 200 {
            let form = answer.text().await.unwrap();
            return location(self.post(&form).await).await;
        }
        location(answer).await
    }

    /// Posts the form of the HTTP-POST binding, as its script would (SAML 2.0 bindings, section 3.5).
    async fn post(&self, form: &str) -> Response {
        let value = |after: &str| {
            form.split(after)
                .nth(1)
                .unwrap_or_else(|| panic!("{form}"))
                .split('"')
                .next()
                .unwrap()
        };
        let action = value("action=\"").replace(PAGES, &self.endpoint);
        let pairs = ["SAMLResponse", "RelayState"].map(|name| (name, value(&format!("name=\"{name}\" value=\""))));
        let body = Url::parse_with_params("http://x/", &pairs).unwrap();
        let request = self
            .client
            .post(action)
            .header("content-type", "application/x-www-form-urlencoded");
        request.body(body.query().unwrap().to_owned()).send().await.unwrap()
    }
}

async fn location(answer: Response) -> String {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.text().await.unwrap();
    assert_eq!(status, 302, "{body}");
    headers["location"].to_str().unwrap().to_owned()
}
