//! One scheduler and two executors as processes on loopback, and what happens when they die.
//!
//! The processes are this binary itself: `node` is a test that does nothing, unless the
//! environment says which part it is to play.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wegen_cluster::{
    ClusterError, ExecutorOptions, Member, RunOptions, SchedulerOptions, executor, run, scheduler,
};

const PART: &str = "WEGEN_CLUSTER_TEST_PART";
const VERSION: &str = "1.0.0+test";
const OTHER_VERSION: &str = "1.0.1+test";

/// Burns as many rounds as the job says, and gives what came out in some places.
fn work(job: &[u8], member: u64, parameters: &[f64]) -> Result<Vec<u8>, String> {
    let rounds = job.first_chunk().ok_or("the job has no rounds")?;
    let mut state = member.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for parameter in parameters {
        state ^= parameter.to_bits().rotate_left(17);
        if *parameter < 0.0 {
            return Err(format!("{parameter} is below zero"));
        }
    }
    if let (Some(pause), 16) = (job.last_chunk(), job.len()) {
        std::thread::sleep(Duration::from_secs(u64::from_le_bytes(*pause)));
    }
    let mut rows = Vec::new();
    let rounds = u64::from_le_bytes(*rounds);
    for round in 0..rounds {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if round % (rounds / 16).max(1) == 0 {
            rows.extend_from_slice(&state.to_le_bytes());
        }
    }
    Ok(rows)
}

#[test]
fn node() {
    let Ok(part) = std::env::var(PART) else {
        return;
    };
    let words: Vec<&str> = part.split(' ').collect();
    let port = |at: usize| words[at].parse().expect("a port");
    let end = match words[0] {
        "scheduler" => {
            let options = SchedulerOptions {
                listen: ([127, 0, 0, 1], port(2)).into(),
                executor_timeout: Duration::from_secs(6),
                ..SchedulerOptions::default()
            };
            scheduler(words[1], &options, &mut |address| println!("\nlistens on {address}"))
        }
        _ => {
            let options = ExecutorOptions {
                scheduler: words[2].to_owned(),
                results_port: port(3),
                work_port: port(4),
                slots: 1,
                heartbeat: Duration::from_secs(1),
                patience: Duration::from_secs(10),
                ..ExecutorOptions::default()
            };
            executor(words[1], work, &options)
        }
    };
    if let Err(error) = end {
        println!("\nended: {error}");
    }
}

/// A process that is killed when it is dropped.
struct Node(Child);

impl Node {
    fn start(part: &str) -> Self {
        let program = std::env::current_exe().expect("this program");
        let child = Command::new(program)
            .args(["node", "--exact", "--nocapture", "--test-threads=1"])
            .env(PART, part)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("a process"))
    }

    fn scheduler(port: u16) -> (Self, String) {
        let mut node = Self::start(&format!("scheduler {VERSION} {port}"));
        let mut lines = BufReader::new(node.0.stdout.take().expect("output")).lines();
        let address = lines.find_map(|line| {
            let line = line.expect("a line");
            assert!(!line.starts_with("ended"), "{line}");
            line.strip_prefix("listens on ").map(str::to_owned)
        });
        (node, address.expect("an address"))
    }

    fn executor(scheduler: &str, version: &str) -> Self {
        let [results, work] = free_ports();
        Self::start(&format!("executor {version} {scheduler} {results} {work}"))
    }

    /// Waits for its end and gives what it said.
    fn last_words(mut self, limit: Duration) -> String {
        let start = Instant::now();
        while self.0.try_wait().expect("a status").is_none() {
            assert!(start.elapsed() < limit, "it does not end");
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut words = String::new();
        let mut output = self.0.stdout.take().expect("output");
        output.read_to_string(&mut words).expect("text");
        words
    }

    fn kill(&mut self) {
        // On Unix this is SIGKILL. It may have ended already, and is as dead then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}

/// One test at a time: each has processes enough for two cores.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn members(count: u64) -> Vec<Member> {
    (0..count)
        .map(|number| Member {
            number: number * 3 + 1,
            parameters: (0..number % 4).map(|at| (at as f64 + 0.1) / 3.0).collect(),
        })
        .collect()
}

/// A job whose members take some 20 ms each, with ballast as an instance would have.
fn job() -> Vec<u8> {
    const PROBE: u64 = 10_000_000;
    let probe = |_| {
        let start = Instant::now();
        work(&PROBE.to_le_bytes(), 1, &[]).expect("a result");
        start.elapsed()
    };
    let fastest = (0..5).map(probe).min().unwrap_or_default();
    let rounds = (PROBE as f64 * 0.02 / fastest.as_secs_f64()) as u64;
    let mut job = rounds.to_le_bytes().to_vec();
    job.resize(200_000, 7);
    job
}

fn here(job: &[u8], members: &[Member]) -> BTreeMap<u64, Vec<u8>> {
    members
        .iter()
        .map(|member| {
            let rows = work(job, member.number, &member.parameters).expect("a result");
            (member.number, rows)
        })
        .collect()
}

fn options(executors: usize) -> RunOptions {
    RunOptions { batch: 32, parts: 8, executors, patience: Duration::from_secs(20), ..RunOptions::default() }
}

/// Runs, and keeps what is handed over; `moment` is told how many there are after each.
fn keep(
    address: &str,
    job: &[u8],
    members: &[Member],
    options: &RunOptions,
    moment: &mut dyn FnMut(usize),
) -> (BTreeMap<u64, Vec<u8>>, Result<(), ClusterError>) {
    let mut kept = BTreeMap::new();
    let end = run(address, VERSION, job, members, options, &mut |number, rows| {
        assert!(kept.insert(number, rows).is_none(), "{number} was given twice");
        moment(kept.len());
        ControlFlow::Continue(())
    });
    (kept, end)
}

#[test]
fn two_executors_give_what_is_computed_here() {
    let _alone = alone();
    let (_scheduler, address) = Node::scheduler(0);
    let _executors = [(); 2].map(|()| Node::executor(&address, VERSION));
    let (job, members) = (job(), members(200));
    let (kept, end) = keep(&address, &job, &members, &options(2), &mut |_| {});
    end.expect("a complete run");
    assert_eq!(kept, here(&job, &members));
}

#[test]
fn an_executor_that_is_killed_costs_time_only() {
    let _alone = alone();
    let (_scheduler, address) = Node::scheduler(0);
    let mut executors = [(); 2].map(|()| Node::executor(&address, VERSION));
    let (job, members) = (job(), members(200));
    let (kept, end) = keep(&address, &job, &members, &options(2), &mut |count| {
        if count == 40 {
            executors[0].kill();
        }
    });
    end.expect("a complete run");
    assert_eq!(kept, here(&job, &members));
}

#[test]
fn a_member_may_take_longer_than_any_time_out() {
    let (_scheduler, address) = Node::scheduler(0);
    let _executor = Node::executor(&address, VERSION);
    let mut job = 1000_u64.to_le_bytes().to_vec();
    job.extend_from_slice(&23_u64.to_le_bytes());
    let once = RunOptions { retries: 0, ..options(1) };
    let (kept, end) = keep(&address, &job, &members(1), &once, &mut |_| {});
    end.expect("a complete run");
    assert_eq!(kept, here(&1000_u64.to_le_bytes(), &members(1)));
}

#[cfg(unix)]
#[test]
fn an_executor_that_hangs_costs_time_only() {
    let _alone = alone();
    let (_scheduler, address) = Node::scheduler(0);
    let executors = [(); 2].map(|()| Node::executor(&address, VERSION));
    let (job, members) = (job(), members(200));
    let (kept, end) = keep(&address, &job, &members, &options(2), &mut |count| {
        if count == 40 {
            let id = executors[0].0.id().to_string();
            let stopped = Command::new("kill").args(["-STOP", &id]).status();
            assert!(stopped.expect("the program kill").success());
        }
    });
    end.expect("a complete run");
    assert_eq!(kept, here(&job, &members));
}

#[test]
fn all_executors_may_be_replaced() {
    let _alone = alone();
    let (_scheduler, address) = Node::scheduler(0);
    let mut executors = vec![Node::executor(&address, VERSION), Node::executor(&address, VERSION)];
    let (job, members) = (job(), members(100));
    let (kept, end) = keep(&address, &job, &members, &options(2), &mut |count| {
        if count == 40 {
            executors.clear();
            executors.push(Node::executor(&address, VERSION));
        }
    });
    end.expect("a complete run");
    assert_eq!(kept, here(&job, &members));
}

#[test]
fn without_executors_the_error_says_what_was_finished() {
    let _alone = alone();
    let (_scheduler, address) = Node::scheduler(0);
    let mut executors = vec![Node::executor(&address, VERSION)];
    let (job, members) = (job(), members(100));
    let patience = RunOptions { patience: Duration::from_secs(1), ..options(1) };
    let options = RunOptions { patience: Duration::from_secs(20), ..patience.clone() };
    keep(&address, &job, &members[..1], &options, &mut |_| {}).1.expect("a run");
    let (kept, end) = keep(&address, &job, &members, &patience, &mut |count| {
        if count == 40 {
            executors.clear();
        }
    });
    let error = end.expect_err("nobody runs it");
    let words = error.to_string();
    assert!(matches!(error, ClusterError::NoExecutors { finished, .. } if finished == kept.len()), "{words}");
    assert!(words.contains(&address) && (40..100).contains(&kept.len()), "{words}");
}

#[test]
fn an_executor_ends_when_its_scheduler_is_gone() {
    let _alone = alone();
    let (scheduler, address) = Node::scheduler(0);
    let executor = Node::executor(&address, VERSION);
    keep(&address, &job(), &members(1), &options(1), &mut |_| {}).1.expect("a run");
    drop(scheduler);
    let words = executor.last_words(Duration::from_secs(30));
    assert!(words.contains(&format!("ended: the scheduler at {address} took none of five")), "{words}");
}

#[test]
fn an_executor_of_another_version_is_refused() {
    let _alone = alone();
    let (_scheduler, address) = Node::scheduler(0);
    let words = Node::executor(&address, OTHER_VERSION).last_words(Duration::from_secs(20));
    assert!(words.contains("ended: the scheduler at 127.0.0.1"), "{words}");
    assert!(
        words.contains("this executor has version `1.0.1+test`, the scheduler has version `1.0.0+test`"),
        "{words}"
    );

    // Who waits for executors is told why there are none.
    let patience = RunOptions { patience: Duration::from_secs(1), ..options(1) };
    let (kept, end) = keep(&address, &job(), &members(3), &patience, &mut |_| {});
    let error = end.expect_err("nobody ran it").to_string();
    assert!(error.contains("one of version `1.0.1+test` was refused"), "{error}");
    assert!(error.contains("0 of 3 members"), "{error}");
    assert!(kept.is_empty());

    let end =
        run(&address, OTHER_VERSION, &job(), &members(3), &options(1), &mut |_, _| ControlFlow::Continue(()));
    let error = end.expect_err("a client of another version").to_string();
    assert!(
        error.contains("this client has version `1.0.1+test`, the scheduler has version `1.0.0+test`"),
        "{error}"
    );
}

#[test]
fn what_was_finished_outlives_the_scheduler() {
    let _alone = alone();
    let (mut first, address) = Node::scheduler(0);
    let _executors = [(); 2].map(|()| Node::executor(&address, VERSION));
    let (job, members) = (job(), members(200));
    let (mut kept, end) = keep(&address, &job, &members, &options(2), &mut |count| {
        if count == 40 {
            first.kill();
        }
    });
    let error = end.expect_err("the scheduler is dead");
    let words = error.to_string();
    let ClusterError::SchedulerLost { finished, members: 200, .. } = error else {
        panic!("{words}");
    };
    assert!(words.contains(&address) && words.contains(&format!("{finished} of 200")), "{words}");
    assert_eq!(finished, kept.len());
    assert!((40..200).contains(&finished), "{words}");

    // Another scheduler at the same address: the executors find it by themselves.
    let port = address.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    let (_second, same) = Node::scheduler(port.expect("a port"));
    assert_eq!(same, address);
    let left: Vec<Member> =
        members.iter().filter(|member| !kept.contains_key(&member.number)).cloned().collect();
    let (rest, end) = keep(&address, &job, &left, &options(1), &mut |_| {});
    end.expect("a complete run");
    assert_eq!(rest.len(), left.len());
    kept.extend(rest);
    assert_eq!(kept, here(&job, &members));
}

#[test]
fn without_a_scheduler_the_error_comes_at_once() {
    let _alone = alone();
    let [port, _] = free_ports();
    let address = format!("127.0.0.1:{port}");
    let start = Instant::now();
    let (kept, end) = keep(&address, &job(), &members(10), &options(1), &mut |_| {});
    let error = end.expect_err("there is nobody");
    let words = error.to_string();
    assert!(matches!(error, ClusterError::NoScheduler { .. }), "{words}");
    assert!(words.contains(&address), "{words}");
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(kept.is_empty());
}

#[test]
fn a_member_that_fails_is_named() {
    let _alone = alone();
    let (_scheduler, address) = Node::scheduler(0);
    let _executor = Node::executor(&address, VERSION);
    let mut members = members(20);
    members[5].parameters = vec![-1.0];
    let (kept, end) = keep(&address, &1000_u64.to_le_bytes(), &members, &options(1), &mut |_| {});
    let words = end.expect_err("a member failed").to_string();
    assert!(words.contains("member 16 failed, 19 of 20 members finished: -1 is below zero"), "{words}");
    assert_eq!(kept.len(), 19);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_sent() {
    let member = Member { number: 4, parameters: vec![] };
    let ask = |address: &str, version: &str, members: &[Member]| {
        let go = &mut |_, _| ControlFlow::Continue(());
        run(address, version, b"", members, &RunOptions::default(), go)
    };
    assert!(matches!(ask("localhost", "1", &[]), Err(ClusterError::Address(_))));
    assert!(matches!(ask("localhost:99999", "1", &[]), Err(ClusterError::Address(_))));
    assert!(matches!(ask("localhost:1", "1 0", &[]), Err(ClusterError::Version(_))));
    let twice = [member.clone(), member];
    assert!(matches!(ask("localhost:1", "1", &twice), Err(ClusterError::Twice(4))));
}

/// What a second executor of one slot brings:
/// `cargo test --release -p wegen-cluster --test loopback -- --ignored --nocapture scaling`.
#[test]
#[ignore = "a measurement of half a minute"]
fn scaling() {
    let _alone = alone();
    let (job, members) = (job(), members(400));
    let start = Instant::now();
    here(&job, &members);
    println!("here, one thread: {:.2} s", start.elapsed().as_secs_f64());
    for count in 1..=2 {
        let (_scheduler, address) = Node::scheduler(0);
        let _executors: Vec<Node> = (0..count).map(|_| Node::executor(&address, VERSION)).collect();
        // A first run waits for the executors, so that the second measures no start.
        keep(&address, &job, &members[..4], &options(count), &mut |_| {}).1.expect("a run");
        for _ in 0..3 {
            let start = Instant::now();
            keep(&address, &job, &members, &RunOptions::default(), &mut |_| {}).1.expect("a run");
            println!("executors: {count}, {:.2} s", start.elapsed().as_secs_f64());
        }
        for size in [200_000, 2_000_000] {
            let job = vec![0; size];
            let start = Instant::now();
            keep(&address, &job, &members, &RunOptions::default(), &mut |_| {}).1.expect("a run");
            let each = start.elapsed().as_secs_f64() * 1000.0 / members.len().div_ceil(64) as f64;
            println!("executors: {count}, nothing to compute, a job of {size} bytes: {each:.0} ms a batch");
        }
    }
}
