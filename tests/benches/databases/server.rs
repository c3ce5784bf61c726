//! A database's own server, as its Debian package installs it, over an empty folder: what it takes of the processors and of the disk.

use reqwest::Client;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::time::sleep;

/// How long a server may take to start, or to have written everything it was sent.
const PATIENCE: Duration = Duration::from_secs(60);
/// Files that have not changed for so long will not.
const STILL: Duration = Duration::from_secs(5);
/// What is less than this is no readings, but the head of a file to come.
const A_LEFTOVER: u64 = 64 * 1024;
/// What `st_blocks` counts in (stat(2)).
const UNIX_BLOCK: u64 = 512;
const A_MOMENT: Duration = Duration::from_millis(100);

/// A running server. It ends with this value.
pub struct Server {
    child: Child,
    folder: PathBuf,
    http: Client,
    /// Its address.
    pub url: String,
}

impl Server {
    /// Starts one over an empty folder; none where the program is not installed. `arrange` is told the folder and the address to listen at.
    pub async fn start(program: &str, arrange: impl FnOnce(&mut Command, &Path, &str)) -> Option<Self> {
        let folder = tests::state_dir(program);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let address = free_address();
        let mut command = Command::new(program);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        arrange(&mut command, &folder, &address);
        let child = command.spawn().ok()?;
        let server = Self {
            child,
            folder,
            http: Client::builder().timeout(PATIENCE).build().unwrap(),
            url: format!("http://{address}"),
        };
        server.wait_until_it_answers().await;
        Some(server)
    }

    async fn wait_until_it_answers(&self) {
        let answers = async {
            while self.http.get(format!("{}/ping", self.url)).send().await.is_err() {
                sleep(A_MOMENT).await;
            }
        };
        tokio::time::timeout(PATIENCE, answers).await.unwrap();
    }

    /// Its answer to a GET, which must be a success.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> String {
        let address = reqwest::Url::parse_with_params(&format!("{}{path}", self.url), query).unwrap();
        let answer = self.http.get(address).send().await.unwrap();
        answer.error_for_status().unwrap().text().await.unwrap()
    }

    /// Posts a body, which must be taken.
    pub async fn post(&self, path: &str, body: String) {
        let answer = self.http.post(format!("{}{path}", self.url)).body(body).send().await;
        answer.unwrap().error_for_status().unwrap();
    }

    /// Its time on the processors so far.
    pub fn on_processor(&self) -> Duration {
        crate::process::on_processor(self.child.id())
    }

    /// The bytes of the files in one of its folders, once they change no more and what waits in another to get there is gone.
    pub async fn bytes_at_rest(&self, kept: &str, waiting: Option<&str>) -> u64 {
        let (mut last, mut still, mut waited) = (0, Duration::ZERO, Duration::ZERO);
        while still < STILL && waited < PATIENCE {
            sleep(A_MOMENT).await;
            let now = bytes(&self.folder.join(kept));
            let all_in = waiting.is_none_or(|waiting| bytes(&self.folder.join(waiting)) < A_LEFTOVER);
            still = if now == last && all_in {
                still + A_MOMENT
            } else {
                Duration::ZERO
            };
            (last, waited) = (now, waited + A_MOMENT);
        }
        last
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// What files take of the disk: InfluxDB lays its index out in files of 4 MB that are mostly holes.
fn bytes(path: &Path) -> u64 {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let size = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes(&entry.path()),
        Ok(metadata) => metadata.blocks() * UNIX_BLOCK,
        Err(_) => 0,
    };
    entries.map(size).sum()
}
