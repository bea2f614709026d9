//! The commands and their options; completions and manual pages are generated from here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use wegen_model::{Code, Lang};
use wegen_publication::conditions::Month;

/// Weigh the evidence about return and migration, and publish it so that anyone can check it.
///
/// Figures about countries of origin: who is displaced, who returns, under which conditions, and who dies on
/// the routes. Every figure leads to the record it came from. Not for individual decisions.
#[derive(Parser)]
#[command(name = "wegen", version, max_term_width = 100, arg_required_else_help = true)]
#[command(
    after_help = "Exit codes: 0 done · 1 failed, nothing half-written · 2 wrong usage · 3 the ledger is damaged, or \
                        a file is not what was made · 4 nothing is held on what was asked, or not all could be checked"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args)]
pub(crate) struct Global {
    /// The ledger's folder [default: the platform's data folder].
    #[arg(long, global = true, env = "WEGEN_LEDGER", value_name = "FOLDER")]
    pub(crate) ledger: Option<PathBuf>,
    /// Machine-readable output, where a command reads.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of output: nl or en.
    #[arg(long, global = true, default_value = "en", value_parser = language)]
    pub(crate) lang: Lang,
    /// Leave the built-in starter evidence out of a ledger that does not have it.
    #[arg(long, global = true)]
    pub(crate) no_starter: bool,
    /// No progress on the way.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// The evidence as of a date.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct AsOf {
    /// Only what was recorded by the end of this day (UTC); of a month or a year, by its last day.
    #[arg(long, value_name = "DATE", value_parser = last_day)]
    pub(crate) as_of: Option<Date>,
}

/// A day that has come, or the last day of a month or year so far.
fn last_day(text: &str) -> Result<Date, String> {
    let today = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let period: Option<wegen_model::Period> = text.parse().ok();
    let Some(first) = period.filter(|p| p.day().is_none()) else {
        return match day(text)? {
            date if date > today => Err(format!(
                "a day that has come was expected: what is recorded after today ({today}) is not known"
            )),
            date => Ok(date),
        };
    };
    let month = first.month();
    let year = i16::try_from(first.year()).map_err(|e| e.to_string())?;
    let start = Date::new(year, month.unwrap_or(1), 1).map_err(|e| e.to_string())?;
    if start > today {
        return Err(format!("a month or year that has begun was expected: today is {today}"));
    }
    let end = match month {
        Some(_) => start.last_of_month(),
        None => start.last_of_year(),
    };
    Ok(end.min(today))
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "a day that exists was expected, as 2025-12-31".to_owned())
}

fn country(text: &str) -> Result<Code, String> {
    let (known, code) = (wegen_model::countries(), text.to_uppercase());
    let found = known.by_iso3(&code).or_else(|| known.by_name(text)).or_else(|| known.by_iso2(&code));
    found.map(|c| c.iso3).ok_or_else(|| {
        let meant =
            nearest_country(text).map(|c| format!("; did you mean {} ({})?", c.name(Lang::En), c.iso3));
        format!(
            "a country was expected: its ISO 3166-1 code (SYR, SY) or its name{}",
            meant.unwrap_or_default()
        )
    })
}

/// The country whose name in one of the languages is most like what was written, where one is.
fn nearest_country(text: &str) -> Option<&'static wegen_model::Country> {
    let likeness = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &text.to_lowercase());
    let best = |c: &wegen_model::Country| Lang::ALL.iter().map(|l| likeness(c.name(*l))).fold(0.0, f64::max);
    let all = wegen_model::countries().all().iter().map(|c| (best(c), c));
    all.filter(|(likeness, _)| *likeness > 0.85).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, c)| c)
}

/// A language of the reports, in letters of either case.
fn language(text: &str) -> Result<Lang, String> {
    text.to_lowercase().parse().map_err(|e: wegen_model::UnknownLang| e.to_string())
}

/// Where a server listens: address and port, `localhost` and a port, or a port of this machine.
fn listen(text: &str) -> Result<std::net::SocketAddr, String> {
    let text = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None if text.bytes().all(|b| b.is_ascii_digit()) => format!("127.0.0.1:{text}"),
        None => text.to_owned(),
    };
    text.parse().map_err(|_| "an address and a port were expected, as 127.0.0.1:8080 or 8080".to_owned())
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write country reports: HTML, PDF and data.
    Report(Report),
    /// Compute one figure and show what it rests on.
    Figure(Figure),
    /// Show where a figure of a report comes from, down to the rows.
    Why(Why),
    /// List the sources, what is held of each, and under which licence.
    Sources(AsOf),
    /// Read publishers' files into the ledger.
    Import(Import),
    /// Fetch what publishers offer on a country into the ledger.
    Sync(Sync),
    /// Look after the ledger.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Write an edition as a Frictionless data package.
    Export(Export),
    /// Begin a report of your own: a folder with texts in both languages, ready to build.
    #[command(subcommand)]
    New(New),
    /// Check a report's texts: evidence, sources, wording, numbers, both languages.
    Lint(Lint),
    /// Make a report from its folder: HTML, PDF and data in each language, sealed, and signed with a key.
    Build(Build),
    /// Show a report in the browser, and make it again whenever a file is saved.
    Preview(Preview),
    /// Check a published file or folder: every claim is computed again.
    Verify(Verify),
    /// Compare two reports, or two editions: what changed, and why.
    Diff(Diff),
    /// Find Dutch parliamentary and official citations in a text, and write them in every style.
    Cite(Cite),
    /// Show the evidence in the browser, and give it to programs: pages and a read-only interface.
    Serve(Serve),
    /// Make a key to sign reports with.
    Key(NewKey),
    /// Assess the conditions for return in the areas of a country: met, not met, or cannot be determined.
    Assess(Assess),
    /// Explain an area and a month: the criteria down to rows, what would have to change, what is missing.
    WhyArea(WhyArea),
    /// Run a composite index of anybody’s, as its method file says.
    Index(Index),
    /// Show official country reports with the history of their publication.
    Register(Register),
    /// Simulate displacement and return over an instance: many members, shown as ranges beside registrations.
    Simulate(Simulate),
    /// Tell what such simulations are worth: errors as published and honest ones, beside baselines.
    Validate(Validate),
    /// Find the parameters that go with registrations, and say which of them registrations tell apart.
    Calibrate(Calibrate),
    /// Instances for simulations of movement.
    #[command(subcommand)]
    Movement(MovementCommand),
    /// Run members of ensembles on several machines.
    #[cfg(feature = "cluster")]
    #[command(subcommand)]
    Cluster(ClusterCommand),
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write manual pages into a folder.
    Man {
        /// The folder.
        folder: PathBuf,
    },
}

/// What is begun.
#[derive(Subcommand)]
pub(crate) enum New {
    /// A country report.
    Report {
        /// The country, by ISO code or name.
        #[arg(value_parser = country)]
        country: Code,
        /// Its folder [default: `CODE-report`].
        folder: Option<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct Lint {
    /// The report's folder.
    pub(crate) report: PathBuf,
    /// Put right what can be put right without harm.
    #[arg(long)]
    pub(crate) fix: bool,
    /// SARIF 2.1.0, for editors and CI.
    #[arg(long)]
    pub(crate) sarif: bool,
    /// Warnings count as errors.
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Args)]
pub(crate) struct Build {
    /// The report's folder.
    pub(crate) report: PathBuf,
    /// Where it goes, a folder for each language.
    #[arg(long, short, default_value = "published", value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// Sign with this key, as `wegen key` makes one.
    #[arg(long, value_name = "FILE")]
    pub(crate) sign: Option<PathBuf>,
    /// HTML and data alone.
    #[arg(long)]
    pub(crate) no_pdf: bool,
}

#[derive(Args)]
pub(crate) struct Preview {
    /// The report's folder.
    pub(crate) report: PathBuf,
    /// The port on this machine.
    #[arg(long, default_value_t = 8420)]
    pub(crate) port: u16,
    /// Make it once and end.
    #[arg(long, hide = true)]
    pub(crate) once: bool,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// A PDF, a web page, `claims.json`, or a folder with them.
    pub(crate) path: PathBuf,
    /// The public key of who should have signed it.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Show confirmed claims as well.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args)]
pub(crate) struct Diff {
    /// A report, a kept edition, a day (its latest edition), or `now`.
    pub(crate) a: String,
    /// Likewise.
    pub(crate) b: String,
    /// The country whose report is computed from both editions.
    #[arg(long, value_parser = country)]
    pub(crate) country: Option<Code>,
}

#[derive(Args)]
pub(crate) struct Cite {
    /// The text; standard input where there is none, or `-`.
    pub(crate) text: Option<String>,
    /// CSL-JSON.
    #[arg(long)]
    pub(crate) csl: bool,
    /// Ask Officiële Bekendmakingen what is known of each paper, and the Tweede Kamer where it knows none.
    #[arg(long)]
    pub(crate) fetch: bool,
    /// The address of a server that stands for both.
    #[arg(long, hide = true, value_name = "URL")]
    pub(crate) at: Option<String>,
}

#[derive(Args)]
pub(crate) struct NewKey {
    /// The private key's file; the public one is put beside it.
    pub(crate) file: PathBuf,
}

#[derive(Args)]
pub(crate) struct Register {
    /// Only this country.
    #[arg(value_parser = country)]
    pub(crate) country: Option<Code>,
    /// The status on this day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) on: Option<Date>,
}

#[derive(Args)]
pub(crate) struct Report {
    /// Countries, by ISO code or name.
    #[arg(required_unless_present_any = ["all", "print_template"], value_parser = country)]
    pub(crate) countries: Vec<Code>,
    /// All countries of the focus regions.
    #[arg(long, conflicts_with = "countries")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    /// Where the reports go, a folder for each country.
    #[arg(long, short, default_value = "report", value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// A template of your own instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub(crate) template: Option<PathBuf>,
    /// Print the built-in template, to copy and change.
    #[arg(long)]
    pub(crate) print_template: bool,
    /// HTML and data alone.
    #[arg(long)]
    pub(crate) no_pdf: bool,
}

#[derive(Args)]
pub(crate) struct Figure {
    /// The recipe, or a whole claim as a report names it (`refugees@origin=SYR,year=2024`).
    #[arg(required_unless_present = "list")]
    pub(crate) recipe: Option<String>,
    /// List the recipes and their parameters.
    #[arg(long)]
    pub(crate) list: bool,
    /// Country of origin.
    #[arg(long, value_parser = country)]
    pub(crate) origin: Option<Code>,
    /// Country of asylum.
    #[arg(long, value_parser = country)]
    pub(crate) host: Option<Code>,
    /// Country.
    #[arg(long, value_parser = country)]
    pub(crate) country: Option<Code>,
    /// Calendar year.
    #[arg(long)]
    pub(crate) year: Option<i32>,
    /// First year.
    #[arg(long)]
    pub(crate) from: Option<i32>,
    /// Last year.
    #[arg(long)]
    pub(crate) to: Option<i32>,
    /// Any other parameter.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
}

#[derive(Args)]
pub(crate) struct Why {
    /// The claim as a report names it, with or without `#row/column`, or a record's id.
    pub(crate) claim: String,
    /// How many records are shown.
    #[arg(long, default_value_t = 20)]
    pub(crate) most: usize,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
}

#[derive(Args)]
pub(crate) struct Serve {
    /// Where it listens. Beyond this machine only where an address says so, as `0.0.0.0:8080`.
    #[arg(long, default_value = "127.0.0.1:8080", value_parser = listen)]
    pub(crate) listen: std::net::SocketAddr,
    /// Analysts may ask in SQL over the views of an edition, read-only and within limits.
    #[arg(long)]
    pub(crate) sql: bool,
    /// Requests a second that are taken from one address; 0 for no limit.
    #[arg(long, default_value_t = 50)]
    pub(crate) rate: u32,
    /// The address by which others reach it, as `https://wegen.example.org`: the catalogue's links begin with it. Without
    /// it they begin with the host that was asked.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<wegen_server::BaseUrl>,
}

#[derive(Args)]
pub(crate) struct Import {
    /// The files: as published, or packed with gzip, zstd or zip. Several are pages of one answer.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The source; `wegen sources` lists them [default: the one whose form the file has].
    #[arg(long)]
    pub(crate) source: Option<String>,
    /// The day on which the file was received from the publisher [default: today].
    #[arg(long, value_parser = day)]
    pub(crate) retrieved: Option<Date>,
    /// The publisher's release date [default: by the release in the file's name, where there is one].
    #[arg(long, value_parser = day)]
    pub(crate) published: Option<Date>,
    /// What the file covers: `all`, or `countries=SYR,SDN;counterparts=NLD;period=2016..2019;regions=SY01` (any of
    /// these). Inside it, absence counts as an answer. Without it a file whose name or form does not say what it
    /// covers answers for the rows it holds alone.
    #[arg(long, value_name = "WHAT")]
    pub(crate) covers: Option<wegen_model::Coverage>,
    /// Store it also where it takes away more answers than it brings.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Read and check, show what would change, and store nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Args)]
pub(crate) struct Sync {
    /// The country.
    #[arg(long, value_parser = country)]
    pub(crate) country: Code,
    /// Only this source; all that can be fetched otherwise.
    #[arg(long)]
    pub(crate) source: Vec<String>,
    /// First year.
    #[arg(long)]
    pub(crate) from: Option<i32>,
    /// Last year.
    #[arg(long)]
    pub(crate) to: Option<i32>,
}

#[derive(Subcommand)]
pub(crate) enum LedgerCommand {
    /// What was recorded when, from the hash-chained log.
    Log,
    /// Print the number and hash of the last log entry. Keep it elsewhere, for `verify --head`.
    Head,
    /// Rehash everything and name what is damaged.
    Verify {
        /// What `head` printed earlier. The ledger must still hold all that was recorded then.
        #[arg(long)]
        head: Option<wegen_ledger::Head>,
    },
    /// Where the ledger is.
    Path,
}

#[derive(Args)]
pub(crate) struct Export {
    /// The folder to write; it is replaced as a whole.
    pub(crate) folder: PathBuf,
    /// How rows are written.
    #[arg(long, value_enum, default_value_t = Form::Csv)]
    pub(crate) format: Form,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Form {
    /// Comma-separated text.
    Csv,
    /// Comma-separated text, gzip.
    CsvGz,
    /// Apache Parquet.
    #[cfg(feature = "parquet")]
    Parquet,
}

#[derive(Args, Default)]
pub(crate) struct Assess {
    /// The country, by ISO code or name.
    #[arg(value_parser = country, required_unless_present = "print_method")]
    pub(crate) country: Option<Code>,
    /// The month [default: the last one with evidence].
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    pub(crate) month: Option<Month>,
    /// The level of the areas: adm1, adm2, adm3 [default: the finest with evidence on services, else adm1].
    #[arg(long, value_parser = level)]
    pub(crate) level: Option<u8>,
    /// A method file of your own instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub(crate) method: Option<PathBuf>,
    /// Print the built-in method, to copy and change.
    #[arg(long)]
    pub(crate) print_method: bool,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    /// Areas without any evidence as well.
    #[arg(long)]
    pub(crate) all: bool,
    /// How the answer is written; `--json` for all of it.
    #[arg(long, value_enum, default_value_t = Layout::Table)]
    pub(crate) format: Layout,
    /// The range of the score under all admissible weights, for analysts; no ranking follows from it.
    #[arg(long)]
    pub(crate) bands: bool,
    /// Draw values within their bounds, and weights, so many times.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) draws: Option<u32>,
    /// The seed of the draws.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Compare two sides and split each change by cause: months, days, `now`, kept editions, or method files.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub(crate) compare: Vec<String>,
}

#[derive(Args)]
pub(crate) struct WhyArea {
    /// The area, by its P-code.
    #[arg(value_parser = |t: &str| Code::new(t))]
    pub(crate) area: Code,
    /// The month [default: the last one with evidence].
    #[arg(value_name = "YYYY-MM", value_parser = month)]
    pub(crate) month: Option<Month>,
    /// A method file of your own instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub(crate) method: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
    /// How many rows are shown of each value.
    #[arg(long, default_value_t = 2)]
    pub(crate) rows: usize,
    /// Without the authorities that goalposts stand on.
    #[arg(long)]
    pub(crate) short: bool,
    /// The range of the score under all admissible weights, for analysts; no ranking follows from it.
    #[arg(long)]
    pub(crate) bands: bool,
    /// Which of what is not known well moves the score and the verdict, for analysts: Sobol’ indices.
    #[arg(long)]
    pub(crate) sensitivity: bool,
}

#[derive(Args)]
pub(crate) struct Index {
    /// The method file.
    pub(crate) method: PathBuf,
    /// The data, as CSV.
    pub(crate) data: PathBuf,
    /// The table of indicators and groups, in COINr’s form, where the method file holds none.
    #[arg(long, value_name = "FILE")]
    pub(crate) meta: Option<PathBuf>,
    /// Print a stage as CSV instead of scores and ranks.
    #[arg(long, value_enum)]
    pub(crate) stage: Option<Stage>,
}

/// A stage of a composite index.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Stage {
    /// As received.
    Raw,
    /// Divided by size.
    Denominated,
    /// Filled in.
    Imputed,
    /// Without units that lack too much.
    Screened,
    /// Outliers treated.
    Treated,
    /// On one scale.
    Normalised,
    /// All groups and the index.
    Aggregated,
}

/// How an assessment is written.
#[derive(Clone, Copy, Default, PartialEq, ValueEnum)]
pub(crate) enum Layout {
    /// A table of marks.
    #[default]
    Table,
    /// A row for each area and criterion.
    Csv,
    /// Areas with their boundaries.
    Geojson,
}

/// How the rules of movement are read and their parameters chosen.
#[derive(Args, Clone, Default)]
pub(crate) struct Rules {
    /// Settings as Flee has them, instead of the instance’s own.
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// One number of the settings by Flee’s name, or `return.` and the name of a return rate.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// Which reading of the rules: as described, or as Flee 3 is observed to follow them.
    #[arg(long, value_enum, default_value_t = Reading::Rules)]
    pub(crate) compat: Reading,
    /// Of all random numbers: the same seed gives the same bytes.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Threads [default: one for each core].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) threads: Option<usize>,
}

/// A reading of the rules.
#[derive(Clone, Copy, Default, PartialEq, ValueEnum)]
pub(crate) enum Reading {
    /// The rules as they are described.
    #[default]
    Rules,
    /// What Flee 3 is observed to do, for comparison with published runs.
    Flee,
}

/// Where members run.
#[derive(Args, Clone, Default)]
pub(crate) struct Where {
    /// A scheduler to send members to, as host:port, instead of running them here.
    #[cfg(feature = "cluster")]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) cluster: Option<String>,
}

#[derive(Args)]
pub(crate) struct Simulate {
    /// The instance: a folder as Flee 3 reads it, or the job.json of an earlier run.
    #[arg(required_unless_present = "print_returns")]
    pub(crate) instance: Option<PathBuf>,
    /// What is assumed to happen.
    #[arg(long, value_name = "FILE", conflicts_with = "compare")]
    pub(crate) scenario: Option<PathBuf>,
    /// Compare two scenarios, member by member with the same random numbers; `none` stands for the instance as it is.
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub(crate) compare: Vec<String>,
    /// How many members.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) members: u64,
    /// Write tables, charts, a map and pages into this folder.
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Finished members are kept in this file, or this folder’s working/members.bin, and a later run goes on from it
    /// [default: that of --out].
    #[arg(long, value_name = "FILE|FOLDER")]
    pub(crate) resume: Option<PathBuf>,
    /// How the outcome is printed; `flee` prints one member in the columns of Flee’s output.
    #[arg(long, value_enum, default_value_t = SimulationFormat::Table)]
    pub(crate) format: SimulationFormat,
    /// What parameters are drawn from: a TOML file, or `built-in` for the ranges that calibration of one instance begins with.
    #[arg(long, value_name = "FILE", conflicts_with = "posterior")]
    pub(crate) priors: Option<PathBuf>,
    /// A calibrated sample that parameters are drawn from: the posterior.json of `wegen calibrate`.
    #[arg(long, value_name = "FILE")]
    pub(crate) posterior: Option<PathBuf>,
    /// The method of returns instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub(crate) returns: Option<PathBuf>,
    /// Print the built-in method of returns, to copy and change.
    #[arg(long)]
    pub(crate) print_returns: bool,
    /// Return rates are the stated ones, and not drawn from their ranges.
    #[arg(long)]
    pub(crate) stated_rates: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(flatten)]
    pub(crate) place: Where,
}

/// How a simulation is printed.
#[derive(Clone, Copy, Default, PartialEq, ValueEnum)]
pub(crate) enum SimulationFormat {
    /// A table for people.
    #[default]
    Table,
    /// Flee’s columns, of the first member.
    Flee,
}

#[derive(Args)]
pub(crate) struct Validate {
    /// Instance folders. With three or more, each is predicted with parameters calibrated on the others.
    #[arg(required = true)]
    pub(crate) instances: Vec<PathBuf>,
    /// Runs of the model as published, and in the honest mode of a single instance.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub(crate) runs: u64,
    /// The last day that is known in the honest mode.
    #[arg(long, default_value_t = 30, value_name = "DAY")]
    pub(crate) day: u32,
    /// Points of the priors that are run on every conflict where parameters are calibrated on others.
    #[arg(long, default_value_t = 256)]
    pub(crate) points: usize,
    /// Each instance by itself, without calibration on others.
    #[arg(long)]
    pub(crate) alone: bool,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[derive(Args)]
pub(crate) struct Calibrate {
    /// Instance folders whose registrations are used.
    #[arg(required = true)]
    pub(crate) instances: Vec<PathBuf>,
    /// Instance folders that are left out of the fit, and on which it is then tested.
    #[arg(long, num_args = 1.., value_name = "FOLDER")]
    pub(crate) hold_out: Vec<PathBuf>,
    /// What is known of parameters before, as TOML [default: the built-in ranges; with several instances
    /// three rules more, which one instance does not tell].
    #[arg(long, value_name = "FILE")]
    pub(crate) priors: Option<PathBuf>,
    /// Points in a generation.
    #[arg(long, default_value_t = 100)]
    pub(crate) particles: usize,
    /// Generations after the first.
    #[arg(long, default_value_t = 4)]
    pub(crate) generations: usize,
    /// The last day that is known at the start of what is fitted.
    #[arg(long, default_value_t = 30, value_name = "DAY")]
    pub(crate) day: u32,
    /// Write posterior.json, posterior.csv and charts into this folder.
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: Rules,
    #[command(flatten)]
    pub(crate) place: Where,
}

/// What is done with instances.
#[derive(Subcommand)]
pub(crate) enum MovementCommand {
    /// Make an instance of a country from the evidence that is held, as a folder that Flee 3 reads as well.
    Build(MovementBuild),
}

#[derive(Args)]
pub(crate) struct MovementBuild {
    /// The country, by ISO code or name.
    #[arg(value_parser = country)]
    pub(crate) country: Code,
    /// Its folder [default: `CODE-movement`].
    #[arg(long, short, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Roads: a table of from, to, km, by name or code; great circles times a stated factor stand in otherwise.
    #[arg(long, value_name = "FILE")]
    pub(crate) roads: Option<PathBuf>,
    /// People by area: a table of area, population, by name or code.
    #[arg(long, value_name = "FILE")]
    pub(crate) populations: Option<PathBuf>,
    /// The level of the areas: adm1, adm2, adm3 [default: adm1].
    #[arg(long, value_parser = level)]
    pub(crate) level: Option<u8>,
    /// First year [default: the last five years at most with events by area and stocks].
    #[arg(long, requires = "to")]
    pub(crate) from: Option<i32>,
    /// Last year.
    #[arg(long, requires = "from")]
    pub(crate) to: Option<i32>,
    #[command(flatten)]
    pub(crate) as_of: AsOf,
}

/// The parts of a cluster.
#[cfg(feature = "cluster")]
#[derive(Subcommand)]
pub(crate) enum ClusterCommand {
    /// Hand out work to executors until stopped. There is no password: only on a network of trusted machines.
    Scheduler(Scheduler),
    /// Run members for a scheduler until stopped.
    Executor(Executor),
}

#[cfg(feature = "cluster")]
#[derive(Args)]
pub(crate) struct Scheduler {
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:50050", value_name = "ADDRESS")]
    pub(crate) listen: std::net::SocketAddr,
    /// Name under which executors reach it; needed where it listens on all addresses.
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Seconds of silence after which an executor’s work goes to others.
    #[arg(long, default_value_t = 20, value_name = "SECONDS")]
    pub(crate) patience: u64,
}

#[cfg(feature = "cluster")]
#[derive(Args)]
pub(crate) struct Executor {
    /// The scheduler, as host:port.
    #[arg(default_value = "127.0.0.1:50050")]
    pub(crate) scheduler: String,
    /// The address on which it listens.
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub(crate) listen: std::net::IpAddr,
    /// Name under which the scheduler reaches it; needed where it listens on all addresses.
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// Port on which results are fetched.
    #[arg(long, default_value_t = 50051, value_name = "PORT")]
    pub(crate) results_port: u16,
    /// Port on which work is taken.
    #[arg(long, default_value_t = 50052, value_name = "PORT")]
    pub(crate) work_port: u16,
    /// Members at the same time [default: one for each core].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) slots: Option<usize>,
}

fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| "a month was expected, as 2022-12".to_owned())
}

fn level(text: &str) -> Result<u8, String> {
    let digit = text.strip_prefix("adm").unwrap_or(text).parse().ok();
    digit.filter(|l| (1..=3).contains(l)).ok_or_else(|| "adm1, adm2 or adm3 was expected".to_owned())
}
