//! The lines of a bill: what there is of everything that costs something, and where the figure is from.

use crate::measured::{Measured, Scenario, Work};
use crate::template::{Function, Inventory};
use crate::{HOURS, SECONDS};
use std::collections::BTreeMap;

/// One line.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it is for.
    pub what: String,
    /// The name of its price.
    pub price: &'static str,
    /// How much of it.
    pub quantity: f64,
    /// Where the quantity is from.
    pub source: String,
}

const GB: f64 = 1e9;
const TEMPLATE: &str = "template.yaml";

/// What a bill is made from.
pub(crate) struct Books<'b> {
    pub inventory: &'b Inventory,
    pub measured: &'b Measured,
    pub scenario: &'b Scenario,
}

/// The lines of a scenario, but for what is counted apart.
pub(crate) fn lines(books: &Books) -> Vec<Line> {
    let all = [
        books.standing(),
        books.clock(),
        books.polls(),
        books.work(),
        books.people(),
        books.kept(),
    ];
    all.into_iter().flatten().filter(|line| line.quantity > 0.0).collect()
}

/// What a site may have beside it: the firewall, keys, and what the CDK app adds. It depends on nothing but the site.
pub(crate) fn apart(inventory: &Inventory) -> Vec<Line> {
    let line = |what: &str, price, quantity, source: &str| line(what, price, quantity, source);
    let rules = inventory.web_acls.iter().sum::<u32>();
    vec![
        line(
            "firewall of the API",
            "waf-acls",
            inventory.web_acls.len() as f64,
            "template.yaml with Waf=enabled",
        ),
        line(
            "rules of the firewall",
            "waf-rules",
            f64::from(rules),
            "template.yaml with Waf=enabled",
        ),
        line(
            "keys of KMS: journals' heads, topics",
            "kms-keys",
            f64::from(inventory.keys),
            TEMPLATE,
        ),
        line(
            "canary, each five minutes",
            "canary-runs",
            HOURS * 12.0,
            "infra/cdk/lib/canary.ts",
        ),
        line(
            "NAT gateway, without its data",
            "nat-hours",
            HOURS,
            "infra/cdk/lib/network.ts",
        ),
        line(
            "nine interface endpoints in two zones, without their data",
            "endpoint-hours",
            HOURS * 18.0,
            "infra/cdk/lib/network.ts",
        ),
    ]
}

fn line(what: &str, price: &'static str, quantity: f64, source: &str) -> Line {
    Line {
        what: what.to_owned(),
        price,
        quantity,
        source: source.to_owned(),
    }
}

impl Books<'_> {
    /// What costs the same whether anybody calls or not.
    fn standing(&self) -> Vec<Line> {
        let Inventory {
            alarms: (alarms, fast),
            dashboards,
            secrets,
            ..
        } = self.inventory;
        vec![
            line("alarms", "cloudwatch-alarms", f64::from(alarms - fast), TEMPLATE),
            line(
                "alarms that look more often than each minute",
                "cloudwatch-fast-alarms",
                f64::from(*fast),
                TEMPLATE,
            ),
            line("dashboard", "cloudwatch-dashboards", f64::from(*dashboards), TEMPLATE),
            line("secrets", "secrets", f64::from(*secrets), TEMPLATE),
            line(
                "the metric HeartbeatMissing",
                "cloudwatch-metrics",
                1.0,
                "functions/health/src/heartbeat.rs",
            ),
        ]
    }

    /// What schedules have done, by the template's rates; what follows from it (heartbeats through the workers' queues, tasks), as measured.
    fn clock(&self) -> Vec<Line> {
        let idle = &self.measured.idle_hour;
        let (mut lines, mut events) = (Vec::new(), 0.0);
        for function in &self.inventory.functions {
            let ticks = HOURS * function.schedules.iter().map(|(_, an_hour)| an_hour).sum::<f64>();
            events += ticks;
            let runs = if ticks > 0.0 {
                ticks
            } else {
                self.times(idle, function) * HOURS
            };
            lines.extend(self.runs(function, idle, runs, "the clock"));
            if function.traced {
                lines.push(self.line(
                    "traces of the clock's",
                    "xray-traces",
                    runs,
                    "schedules of template.yaml; measured.yaml, idle_hour",
                ));
            }
        }
        lines.push(line("ticks of schedules", "eventbridge-events", events, TEMPLATE));
        lines.push(self.costs());
        lines.extend(self.calls(idle, HOURS, "idle_hour", "sqs-standard"));
        lines
    }

    /// What is asked of Cost Explorer: one page each time, where there are not some hundred organisations.
    fn costs(&self) -> Line {
        let schedules = self.inventory.functions.iter().flat_map(|it| &it.schedules);
        let asked = schedules.filter(|(name, _)| name == "gather-costs");
        let an_hour: f64 = asked.map(|(_, an_hour)| an_hour).sum();
        let source = "schedule gather-costs of template.yaml; functions/aws-worker/src/jobs/gather_costs.rs";
        line(
            "what was billed, read",
            "cost-explorer-requests",
            HOURS * an_hour,
            source,
        )
    }

    /// Lambda asks queues whether anything is in them.
    fn polls(&self) -> Vec<Line> {
        let an_hour = &self.measured.known.polls_an_hour;
        let polled = |which: fn(&Function) -> u32| f64::from(self.inventory.functions.iter().map(which).sum::<u32>());
        let polls = |queues: f64| queues * an_hour.value * HOURS;
        let source = format!("queues of template.yaml; {}", an_hour.source);
        vec![
            line(
                "looking into empty queues",
                "sqs-standard",
                polls(polled(|it| it.polled.0)),
                &source,
            ),
            line(
                "looking into the empty FIFO queue",
                "sqs-fifo",
                polls(polled(|it| it.polled.1)),
                &source,
            ),
        ]
    }

    /// What is asked for.
    fn work(&self) -> Vec<Line> {
        let known = &self.measured.known;
        let (mut lines, mut requests, mut answers) = (Vec::new(), 0.0, 0.0);
        for (name, work, many) in self.measured.work(self.scenario) {
            requests += many;
            answers += many * work.answer_bytes;
            for function in &self.inventory.functions {
                lines.extend(self.runs(function, work, many * self.times(work, function), name));
            }
            let queue = if name.starts_with("upload") {
                "sqs-fifo"
            } else {
                "sqs-standard"
            };
            lines.extend(self.calls(work, many, name, queue));
        }
        let steady = requests.min(known.traces_a_second.value * SECONDS);
        let traces = steady + (requests - steady) * known.traces_of_the_rest.value;
        let asked = "scenarios.yaml";
        lines.extend([
            line("requests", "api-requests", requests, asked),
            line(
                "access log",
                "cloudwatch-logs",
                requests * known.access_log_bytes.value / GB,
                &known.access_log_bytes.source,
            ),
            line(
                "traces of requests",
                "xray-traces",
                traces,
                &known.traces_a_second.source,
            ),
            self.line("answers", "transfer-out", answers / GB, "answer_bytes"),
        ]);
        lines
    }

    fn people(&self) -> Vec<Line> {
        let plan = if self.inventory.user_pool == "PLUS" {
            "cognito-plus"
        } else {
            "cognito-essentials"
        };
        vec![
            line("people who sign in", plan, self.scenario.users, "scenarios.yaml"),
            line("mails", "ses-mails", self.scenario.mails, "scenarios.yaml"),
        ]
    }

    /// What lies there at the end of a month, and is paid for as if it had lain there all the time.
    fn kept(&self) -> Vec<Line> {
        let stored = &self.measured.stored;
        let (table, bucket) = (
            self.scenario.uploads * stored.table_bytes / GB,
            self.scenario.uploads * stored.bucket_bytes / GB,
        );
        let keys = &self.measured.known.keys_an_hour;
        let callers = self.callers() * (f64::from(self.inventory.tables) + self.scenario.organizations);
        vec![
            self.line("a month's readings", "dynamodb-storage", table, "stored"),
            self.line(
                "the same, recoverable to any moment",
                "dynamodb-recovery",
                table,
                "stored",
            ),
            self.line("a month's archive of reports", "s3-storage", bucket, "stored"),
            line(
                "keys of tables, for each caller and table",
                "kms-calls",
                callers * keys.value * HOURS,
                &keys.source,
            ),
        ]
    }

    /// How many functions run at all.
    fn callers(&self) -> f64 {
        let idle = &self.measured.idle_hour;
        let work = self.measured.work(self.scenario);
        let works = work.iter().filter(|(_, _, many)| *many > 0.0).map(|(_, work, _)| *work);
        let names: std::collections::BTreeSet<_> = works.chain([idle]).flat_map(|work| work.runs.keys()).collect();
        names.len() as f64
    }

    fn times(&self, work: &Work, function: &Function) -> f64 {
        work.runs.get(&function.name).map_or(0.0, |run| run.times)
    }

    /// What so many runs of a function cost, each taking what it took in that piece of work.
    fn runs(&self, function: &Function, work: &Work, times: f64, name: &str) -> Vec<Line> {
        let Some(run) = work.runs.get(&function.name) else {
            return Vec::new();
        };
        let processor = if self.inventory.architecture == "arm64" {
            "lambda-arm64"
        } else {
            "lambda-x86_64"
        };
        let gigabyte_seconds = times * run.ms / 1000.0 * function.memory / 1024.0;
        let log = times * run.log_bytes / GB;
        let what = |what: &str| format!("{what} of {}, {name}", function.name);
        let kept = log * self.measured.known.log_compression.value * self.inventory.log_months;
        vec![
            self.line(&what("runs"), "lambda-requests", times, name),
            self.line(&what("time"), processor, gigabyte_seconds, name),
            self.line(&what("log"), "cloudwatch-logs", log, name),
            self.line(&what("kept log"), "cloudwatch-log-storage", kept, name),
        ]
    }

    /// What functions call in so many pieces of work; whatever a queue's worker takes and deletes is two calls a batch.
    fn calls(&self, work: &Work, many: f64, name: &str, queue: &'static str) -> Vec<Line> {
        let call = |price: &'static str, actions: &[&str]| {
            let times: f64 = actions.iter().filter_map(|action| work.calls.get(*action)).sum();
            self.line(&format!("{}, {name}", actions.join(", ")), price, many * times, name)
        };
        let batches: f64 = self
            .inventory
            .functions
            .iter()
            .filter(|it| it.polled != (0, 0))
            .map(|it| self.times(work, it))
            .sum();
        vec![
            self.line(&format!("reads, {name}"), "dynamodb-reads", many * work.reads, name),
            self.line(&format!("writes, {name}"), "dynamodb-writes", many * work.writes, name),
            self.line(
                &format!("batches taken and deleted, {name}"),
                queue,
                many * batches * 2.0,
                name,
            ),
            call(queue, &["sqs:SendMessage"]),
            call("sqs-standard", &["sqs:GetQueueAttributes"]),
            call("s3-puts", &["s3:PutObject"]),
            call("s3-gets", &["s3:GetObject"]),
            call("sns-publishes", &["sns:Publish"]),
            call("kms-calls", &["kms:Sign"]),
            call("secrets-calls", &["secretsmanager:GetSecretValue"]),
        ]
    }

    /// A line of what was measured.
    fn line(&self, what: &str, price: &'static str, quantity: f64, place: &str) -> Line {
        let source = format!("measured.yaml, {place} ({})", self.measured.command);
        Line {
            what: what.to_owned(),
            price,
            quantity,
            source,
        }
    }
}

/// Sums of quantities by price.
pub(crate) type Quantities = BTreeMap<&'static str, f64>;
