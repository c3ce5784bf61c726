//! Bills as text.

use crate::{Bill, Bills};
use std::fmt::Write;

/// What is shown together: a heading, and what the names of its prices begin with.
const GROUPS: [(&str, &[&str]); 10] = [
    (
        "CloudWatch: alarms, dashboard, metric",
        &[
            "cloudwatch-alarms",
            "cloudwatch-fast-alarms",
            "cloudwatch-dashboards",
            "cloudwatch-metrics",
        ],
    ),
    ("CloudWatch: logs", &["cloudwatch-log"]),
    ("X-Ray", &["xray"]),
    ("API Gateway", &["api-requests"]),
    ("Lambda", &["lambda", "eventbridge"]),
    ("DynamoDB", &["dynamodb"]),
    ("SQS", &["sqs"]),
    ("Cost Explorer", &["cost-explorer"]),
    ("Secrets Manager, KMS calls", &["secrets", "kms"]),
    (
        "S3, Cognito, SES, SNS, data out",
        &["s3", "cognito", "ses", "sns", "transfer"],
    ),
];

impl Bill {
    fn of(&self, prices: &[&str]) -> f64 {
        let charges = self.charges.iter();
        let within = charges.filter(|it| prices.iter().any(|price| it.line.price.starts_with(price)));
        within.map(|it| it.dollars).sum()
    }
}

/// The README's table: dollars a month of each scenario, by service.
pub fn summary(bills: &Bills) -> String {
    let Bills { bills, apart, .. } = bills;
    let mut table = String::new();
    let _ = write!(
        table,
        "| dollars a month | {} |\n|---|",
        bills.iter().map(|it| it.title.as_str()).collect::<Vec<_>>().join(" | ")
    );
    table.push_str(&"---:|".repeat(bills.len()));
    for (heading, prices) in GROUPS {
        let cells: Vec<_> = bills.iter().map(|bill| dollars(bill.of(prices))).collect();
        let _ = write!(table, "\n| {heading} | {} |", cells.join(" | "));
    }
    let cells = |each: fn(&Bill) -> f64| {
        bills
            .iter()
            .map(|bill| dollars(each(bill)))
            .collect::<Vec<_>>()
            .join(" | ")
    };
    let _ = write!(table, "\n| **together** | {} |", cells(|bill| bill.dollars));
    let _ = write!(
        table,
        "\n| less what AWS gives every account each month | {} |",
        cells(|bill| bill.with_allowances)
    );
    let each = apart
        .charges
        .iter()
        .map(|it| format!("{} {}", it.line.what, dollars(it.dollars)));
    let _ = writeln!(table, "\n\nApart: {}.", each.collect::<Vec<_>>().join("; "));
    table
}

/// Every line of every bill.
pub fn listed(bills: &Bills) -> String {
    let mut text = format!(
        "Prices: {} (infra/bill/prices.yaml). Dollars a month; a month is 730 hours.\n",
        bills.prices_of
    );
    for bill in bills.bills.iter().chain([&bills.apart]) {
        let _ = writeln!(text, "\n{}: {}", bill.title, bill.says);
        for charge in &bill.charges {
            let (line, unit, page) = (&charge.line, &charge.unit, &charge.page);
            let _ = writeln!(
                text,
                "{:>12}  {}: {} {unit} | {page} | {}",
                cents(charge.dollars),
                line.what,
                quantity(line.quantity),
                line.source
            );
        }
        let _ = writeln!(
            text,
            "{:>12}  together; {} less what AWS gives every account each month",
            cents(bill.dollars),
            cents(bill.with_allowances)
        );
    }
    let beside = &bills.data_all;
    let _ = writeln!(
        text,
        "\n{:>12}  beside 50 active users: what data.all publishes for 50 users | {}",
        cents(beside.dollars),
        beside.page
    );
    text
}

/// Two places below a hundred dollars, none above.
fn dollars(amount: f64) -> String {
    match amount < 100.0 {
        // A sum of nothing is minus nothing.
        true => format!("{:.2}", amount + 0.0),
        false => thousands(&format!("{amount:.0}")),
    }
}

fn cents(amount: f64) -> String {
    format!("{amount:.4}")
}

fn quantity(quantity: f64) -> String {
    match quantity < 100.0 {
        true => format!("{quantity:.3}"),
        false => thousands(&format!("{quantity:.0}")),
    }
}

/// Commas between thousands.
fn thousands(digits: &str) -> String {
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
