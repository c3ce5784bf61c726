//! The archive of journals, interrupted at each of its calls: in the end every entry has one copy, and nobody can take it away.

use crate::crash::ground;
use crate::line::Fault;
use crate::world::World;
use aws_dynamodb::OrgTable;
use domain::journal::{Entry, SignedHead, Verifier};
use domain::organization::{OrgStatus, Organization};
use domain::task::TaskKind;
use reqwest::Method;
use tests::{Api, answer};

/// An organisation whose journal has two entries.
async fn plant(world: &World) -> (Organization, OrgTable) {
    let (org, _) = ground::organization(world, OrgStatus::Active, TaskKind::CreateOrganization).await;
    let table = ground::table(world, &org).await;
    ground::device(world, &table).await;
    (org, table)
}

/// Rounds until one has come to its end.
async fn rounds(world: &World) -> u64 {
    loop {
        let app = world.archive();
        let copied = tokio::select! {
            biased;
            () = world.line.death() => None,
            copied = app.round() => copied.ok(),
        };
        if let Some(copied) = copied {
            return copied.entries;
        }
    }
}

/// The keys of the copies, and the sum of them: each piece is closed by its head, and together they are the journal.
async fn copies(world: &World, entries: usize) -> Vec<String> {
    let bucket = world.archive_bucket();
    let mut keys = world.emulator.objects(&bucket).await;
    keys.sort();
    let (mut lines, mut heads) = (Vec::new(), Vec::<SignedHead>::new());
    for key in &keys {
        let text = world.emulator.object(&bucket, key).await;
        let mut piece: Vec<_> = text.lines().map(str::to_owned).collect();
        heads.push(serde_json::from_str(&piece.pop().unwrap()).unwrap());
        lines.extend(piece);
    }
    let places = lines
        .iter()
        .map(|line| serde_json::from_str::<Entry>(line).unwrap().sequence);
    assert!(places.eq(1..=u64::try_from(entries).unwrap()), "{lines:?}");
    let mut verifier = Verifier::new(None, heads);
    lines.iter().for_each(|line| verifier.line(line));
    let verdict = verifier.finish();
    assert_eq!((verdict.confirmed, verdict.divergences), (entries, vec![]));
    keys
}

#[tokio::test]
async fn whatever_call_is_lost_every_entry_has_one_copy() {
    let mut points = 0;
    for nth in 0.. {
        let mut broke = false;
        for fault in Fault::all_at(nth) {
            let world = World::new(Some(fault)).await;
            let (_, table) = plant(&world).await;
            rounds(&world).await;
            ground::project(&world, &table).await;
            rounds(&world).await;
            broke |= world.line.broke();
            rounds(&world).await;
            copies(&world, 3).await;
            points += usize::from(world.line.broke());
        }
        if !broke {
            break;
        }
    }
    println!("journal-archive: {points} crash points");
    assert!(points >= 20, "{points}");
}

#[tokio::test]
async fn a_round_copies_what_is_new_once_and_a_copy_stays() {
    let world = World::new(None).await;
    let bucket = world.archive_bucket();
    world.lock_archive().await;
    let (org, table) = plant(&world).await;
    assert_eq!((rounds(&world).await, rounds(&world).await), (2, 0));
    ground::project(&world, &table).await;
    assert_eq!(rounds(&world).await, 1);
    let before = copies(&world, 3).await;
    assert_eq!(before.len(), 2);
    // The row that says how far it came is a hint: without it nothing is copied twice.
    let (directory, id) = (world.table("directory"), org.id.to_string());
    world.emulator.delete_row(&directory, "ARCHIVED", &id).await;
    assert_eq!(rounds(&world).await, 0);
    assert_eq!(copies(&world, 3).await, before);
    // Neither can a copy be written over nor taken away.
    let storage = aws_s3::Bucket::new(&world.aws, bucket.clone());
    assert_eq!(
        storage.put_new(&before[0], b"forged".to_vec(), "text/plain").await,
        Ok(false)
    );
    let api = Api::at(world.emulator.endpoint());
    let versions = api.get(&format!("/{bucket}?versions")).await.text;
    let (_, rest) = versions.split_once("<VersionId>").unwrap();
    let version = rest.split('<').next().unwrap();
    let key = versions.split_once("<Key>").unwrap().1.split('<').next().unwrap();
    let delete = api.request(Method::DELETE, &format!("/{bucket}/{key}?versionId={version}"));
    assert_eq!(answer(delete).await.status, 403);
    copies(&world, 3).await;
}
