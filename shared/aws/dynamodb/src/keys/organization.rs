//! Keys of an organisation's own table.

use super::{Key, META};
use domain::block_files::BlockFile;
use domain::id::Id;
use domain::reading::VariableName;
use domain::{DeviceId, EventId, ProjectId};

/// The journal's partition; its items sort by sequence. The functions' roles are denied updates and deletions of what begins so (template.yaml).
pub(crate) const JOURNAL: &str = "JOURNAL";

/// A journal entry. Read in order; the last is the head.
pub(crate) fn journal_entry(sequence: u64) -> Key {
    Key::new(JOURNAL, format!("{sequence:020}"))
}

/// That an actor's refused attempts at an operation were told in a minute (counted from the epoch). Read before telling of another.
pub(crate) fn refusal(actor: &str, operation: &str, minute: i64) -> Key {
    Key::new(format!("REFUSED#{actor}"), format!("{operation}#{minute}"))
}

/// The partition of the projects, in order of creation.
pub(crate) const PROJECTS: &str = "PROJECT";

/// A project. Read by id, listed in order of creation.
pub(crate) fn project(id: ProjectId) -> Key {
    Key::new(PROJECTS, id.to_string())
}

/// A device. Read by id, at every upload.
pub(crate) fn device(id: DeviceId) -> Key {
    Key::new(device_partition(id), META)
}

/// The partition of what belongs to a device.
pub(crate) fn device_partition(id: DeviceId) -> String {
    format!("DEVICE#{id}")
}

/// The partition of a project's devices, in order of creation.
pub(crate) fn project_devices(project: ProjectId) -> String {
    format!("PROJECT#{project}")
}

/// That a device is in a project.
pub(crate) fn device_in_project(project: ProjectId, device: DeviceId) -> Key {
    Key::new(project_devices(project), device.to_string())
}

/// Whose a hardware id is. Makes it unique in the organisation.
pub(crate) fn hardware(hardware_id: u32) -> Key {
    Key::new(format!("HARDWARE#{hardware_id}"), META)
}

/// How many partitions the watches lie in: few, since a check reads each of them, and each takes 1,000 writes a second.
const WATCH_SHARDS: u128 = 4;

/// When a device was last heard of, and how it fared then. Read with the device; all of them read by the check.
pub(crate) fn watch(id: DeviceId) -> Key {
    Key::new(watches(id.ulid().0 % WATCH_SHARDS), id.to_string())
}

fn watches(shard: u128) -> String {
    format!("WATCH#{shard}")
}

/// The partitions of the watches.
pub(crate) fn watch_partitions() -> Vec<String> {
    (0..WATCH_SHARDS).map(watches).collect()
}

/// The partition of the streams with readings dated in the future.
pub(crate) const FUTURE: &str = "FUTURE";

/// That a stream has readings dated in the future. All of them read by the check.
pub(crate) fn future(device: DeviceId, variable: &VariableName) -> Key {
    Key::new(FUTURE, format!("{device}#{variable}"))
}

/// What the sort keys of a device's streams begin with.
pub(crate) const STREAM_PREFIX: &str = "STREAM#";

/// A stream of a device. Listed by device, in the order of the names.
pub(crate) fn stream(device: DeviceId, variable: &VariableName) -> Key {
    Key::new(device_partition(device), format!("{STREAM_PREFIX}{variable}"))
}

/// What the sort keys of the settings of a device's streams begin with.
pub(crate) const SETTINGS_PREFIX: &str = "SETTINGS#";

/// What is laid down about a stream. Read with the stream, and by ingest where [`settings_stamp`] is another than it knew.
pub(crate) fn settings(device: DeviceId, variable: &VariableName) -> Key {
    Key::new(device_partition(device), format!("{SETTINGS_PREFIX}{variable}"))
}

/// A stamp that every change of a stream's settings renews, so that ingest need not look at those of each stream. None where nothing was
/// ever laid down.
pub(crate) fn settings_stamp() -> Key {
    Key::new("SETTINGS", META)
}

/// What is known of a device's streamer. Read and written with each of its reports.
pub(crate) fn streamer(device: DeviceId, index: u16) -> Key {
    Key::new(device_partition(device), format!("STREAMER#{index}"))
}

/// How many filters there are, and of which variables. Read once a batch of uploads.
pub(crate) fn filtered() -> Key {
    Key::new("FILTERED", META)
}

/// A project's filter of a variable. Read with the streams of its devices that have none of their own.
pub(crate) fn project_filter(project: ProjectId, variable: &VariableName) -> Key {
    Key::new(format!("FILTERS#{project}"), variable.to_string())
}

/// What the sort keys of a device's own filters begin with.
pub(crate) const FILTER_PREFIX: &str = "FILTER#";

/// A stream's own filter.
pub(crate) fn stream_filter(device: DeviceId, variable: &VariableName) -> Key {
    Key::new(device_partition(device), format!("{FILTER_PREFIX}{variable}"))
}

/// Where a stream is in its filter. Read and written with each batch that has news of the stream.
pub(crate) fn filter_progress(device: DeviceId, variable: &VariableName) -> Key {
    Key::new(device_partition(device), format!("FILTERING#{variable}"))
}

/// The partition of the transitions of a stream's filter, in the order in which they were made.
pub(crate) fn filter_transitions(device: DeviceId, variable: &VariableName) -> String {
    format!("FILTERED#{device}#{variable}")
}

/// A transition of a stream's filter, by its number.
pub(crate) fn filter_transition(device: DeviceId, variable: &VariableName, number: u64) -> Key {
    Key::new(filter_transitions(device, variable), format!("{number:020}"))
}

/// The partition of a stream's blocks, sorted by the time of the last reading.
pub(crate) fn blocks(device: DeviceId, variable: &VariableName) -> String {
    format!("BLOCK#{device}#{variable}")
}

/// A block: its key follows from the upload it came from, so that a redelivered message writes the same item again.
pub(crate) fn block(
    device: DeviceId,
    variable: &VariableName,
    last_time: i64,
    upload: ulid::Ulid,
    place: usize,
) -> Key {
    Key::new(
        blocks(device, variable),
        format!("{}#{upload}#{place}", time(last_time)),
    )
}

/// A block that takes the place of others: its key follows from what is in it, so that whoever makes the same one writes the same item again, and
/// from no upload's place, so that it never writes over what another upload left.
pub(crate) fn compacted_block(
    device: DeviceId,
    variable: &VariableName,
    last_time: i64,
    accepted: ulid::Ulid,
    checksum: u32,
) -> Key {
    Key::new(
        blocks(device, variable),
        format!("{}#{accepted}#c{checksum:08x}", time(last_time)),
    )
}

/// The partition of files of blocks that no block refers to, by name.
pub(crate) const UNUSED_FILES: &str = "UNUSEDFILE";

/// A file of blocks that no block refers to: noted when it is found, read once a week.
pub(crate) fn unused_file(file: &BlockFile) -> Key {
    let BlockFile { device, variable, name } = file;
    Key::new(UNUSED_FILES, format!("{device}#{variable}#{name}"))
}

/// An event of a device. Its id begins with its time: listed by it.
pub(crate) fn event(device: DeviceId, id: EventId) -> Key {
    Key::new(events(device), id.to_string())
}

/// The partition of a device's events.
pub(crate) fn events(device: DeviceId) -> String {
    format!("EVENT#{device}")
}

/// A time as a text that sorts as the time does: nanoseconds since the epoch, moved so that the earliest is zero, in hexadecimal.
pub(crate) fn time(nanoseconds: i64) -> String {
    format!("{:016x}", nanoseconds.cast_unsigned() ^ (1 << 63))
}

/// How much time one partition of outcomes covers, in milliseconds. Short, since reading one outcome reads its whole partition.
const OUTCOME_BUCKET_MS: u64 = 10_000;

/// The partition of the outcomes of the uploads accepted around that moment (milliseconds since the epoch).
pub(crate) fn outcomes(accepted_ms: u64) -> String {
    format!("OUTCOME#{}", accepted_ms / OUTCOME_BUCKET_MS)
}

/// Outcomes recorded together.
pub(crate) fn outcome_batch(accepted_ms: u64, recording: ulid::Ulid) -> Key {
    Key::new(outcomes(accepted_ms), recording.to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn entries_lie_where_the_template_denies_updates_and_deletions() {
        let key = super::journal_entry(7);
        assert!(key.pk.starts_with("JOURNAL"));
        assert_eq!(key.sk, "00000000000000000007");
    }

    #[test]
    fn times_sort_as_their_texts_do() {
        let times = [i64::MIN, -1, 0, 1, 1_767_323_045_000_000_000, i64::MAX];
        let texts: Vec<_> = times.map(super::time).to_vec();
        assert!(texts.is_sorted(), "{texts:?}");
    }
}
