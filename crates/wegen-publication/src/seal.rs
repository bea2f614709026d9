//! Seals: a list of a report's files with their hashes, signed with Ed25519.
//!
//! `manifest.json` lists every file; `manifest.sig` is the signature of its bytes (64 bytes), and `manifest.pub.pem`
//! the key. Anyone can check it without this program:
//!
//! ```text
//! openssl pkeyutl -verify -pubin -inkey manifest.pub.pem -rawin -in manifest.json -sigfile manifest.sig
//! ```
//!
//! A key that lies beside its signature proves nothing about who signed; whoever checks gives the key that he trusts.
//!
//! A report in several languages is sealed twice: each language's folder, so that it can be passed on alone, and the
//! whole with what lies beside the folders. [`check_publication`] asks for all of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Component, Path, PathBuf},
};

use ed25519_dalek::{
    Signature, Signer, SigningKey, VerifyingKey,
    pkcs8::{
        DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, spki::der::pem::LineEnding,
    },
};
use serde::{Deserialize, Serialize};
use wegen_model::Lang;

/// The list.
pub const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.sig";
const PUBLIC: &str = "manifest.pub.pem";

/// What kept a seal from being made or checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// A file cannot be read or written.
    #[error("`{path}`: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key that cannot be read.
    #[error("`{0}` holds no Ed25519 key: a PEM file as `wegen key` writes it was expected")]
    Key(PathBuf),
    /// A key that is there already.
    #[error("`{0}` is there already; a key is never written over")]
    Exists(PathBuf),
    /// A list that cannot be read, or that names files outside its folder.
    #[error("`{path}`: {message}")]
    Manifest {
        /// Which.
        path: PathBuf,
        /// What was found and what was expected.
        message: String,
    },
    /// The system gave no random bytes.
    #[error("the system gave no random bytes: {0}")]
    Random(String),
}

fn io(path: &Path) -> impl FnOnce(io::Error) -> SealError {
    let path = path.to_owned();
    move |source| SealError::Io { path, source }
}

/// A key to sign with.
pub struct Key(SigningKey);

/// A key to check with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl Key {
    /// Makes a key: PKCS#8 in `path`, readable by its owner alone, and the public half beside it as `PATH.pub.pem`.
    ///
    /// # Errors
    /// [`SealError::Exists`] where a file is there, [`SealError::Io`] where it cannot be written.
    pub fn generate(path: &Path) -> Result<Key, SealError> {
        let public = public_path(path);
        for there in [path, &public] {
            if there.exists() {
                return Err(SealError::Exists(there.to_owned()));
            }
        }
        let mut seed = [0u8; 32];
        getrandom::fill(&mut seed).map_err(|e| SealError::Random(e.to_string()))?;
        let key = SigningKey::from_bytes(&seed);
        let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| SealError::Key(path.to_owned()))?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(io(path))?;
        io::Write::write_all(&mut file, pem.as_bytes()).map_err(io(path))?;
        let key = Key(key);
        fs::write(&public, key.public().to_pem(&public)?).map_err(io(&public))?;
        Ok(key)
    }

    /// Reads a key.
    ///
    /// # Errors
    /// [`SealError::Io`] or [`SealError::Key`].
    pub fn read(path: &Path) -> Result<Key, SealError> {
        let pem = fs::read_to_string(path).map_err(io(path))?;
        SigningKey::from_pkcs8_pem(&pem).map(Key).map_err(|_| SealError::Key(path.to_owned()))
    }

    /// The half that others check with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

fn public_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().map(|n| n.to_os_string()).unwrap_or_default();
    name.push(".pub.pem");
    path.with_file_name(name)
}

impl PublicKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`SealError::Io`] or [`SealError::Key`].
    pub fn read(path: &Path) -> Result<PublicKey, SealError> {
        let pem = fs::read_to_string(path).map_err(io(path))?;
        VerifyingKey::from_public_key_pem(&pem).map(PublicKey).map_err(|_| SealError::Key(path.to_owned()))
    }

    /// Its name: the first sixteen hexadecimal digits of its BLAKE3 hash.
    pub fn id(&self) -> String {
        blake3::hash(self.0.as_bytes()).to_hex()[..16].to_owned()
    }

    fn to_pem(&self, path: &Path) -> Result<String, SealError> {
        self.0.to_public_key_pem(LineEnding::LF).map_err(|_| SealError::Key(path.to_owned()))
    }
}

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSeal {
    /// Its hash.
    pub blake3: String,
    /// Its length in bytes.
    pub bytes: u64,
}

/// The list of a report's files, and the edition it was made from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of the list: 1.
    pub format: u32,
    /// The report's id.
    pub report: String,
    /// The edition's id.
    pub edition: String,
    /// The languages in which it was published, each a folder beside the others; none where it is one folder alone.
    #[serde(default)]
    pub languages: Vec<Lang>,
    /// The snapshots of the edition.
    pub snapshots: Vec<String>,
    /// The program and its version.
    pub made_with: String,
    /// The files, by their paths within the folder.
    pub files: BTreeMap<String, FileSeal>,
}

/// What was found at a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// There is none.
    None,
    /// It fits the list and the key beside it.
    Valid {
        /// The key's name.
        key: String,
        /// Whether it is the key that was given as trusted.
        trusted: bool,
    },
    /// It does not fit, or not all of it is there.
    Invalid,
}

/// A file that is not as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It holds other bytes.
    Altered(String),
    /// It is listed and not there.
    Missing(String),
    /// It is there and not listed.
    Added(String),
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The list.
    pub manifest: Manifest,
    /// The signature.
    pub signed: Signed,
    /// Files that are not as listed.
    pub faults: Vec<Fault>,
}

impl Checked {
    /// Whether the key that was given as trusted signed the list.
    pub fn is_signed_by_trusted(&self) -> bool {
        matches!(self.signed, Signed::Valid { trusted: true, .. })
    }

    /// Whether all is as it was sealed; with `trusted`, by that key.
    pub fn is_whole(&self, trusted: bool) -> bool {
        let signed = match &self.signed {
            Signed::Valid { trusted: is, .. } => *is || !trusted,
            Signed::None => !trusted,
            Signed::Invalid => false,
        };
        signed && self.faults.is_empty()
    }
}

/// Seals a folder: writes the list of every file in it and, with a key, its signature.
///
/// # Errors
/// [`SealError`]; a symbolic link in the folder is refused.
pub fn seal(folder: &Path, manifest: Manifest, key: Option<&Key>) -> Result<Manifest, SealError> {
    seal_parts(folder, None, manifest, key)
}

/// Seals parts of a folder: the files and folders of these names, and nothing else that lies in it.
///
/// # Errors
/// [`SealError`]; a symbolic link among them is refused.
pub fn seal_only(
    folder: &Path,
    parts: &[&str],
    manifest: Manifest,
    key: Option<&Key>,
) -> Result<Manifest, SealError> {
    seal_parts(folder, Some(parts), manifest, key)
}

fn seal_parts(
    folder: &Path,
    parts: Option<&[&str]>,
    mut manifest: Manifest,
    key: Option<&Key>,
) -> Result<Manifest, SealError> {
    manifest.format = 1;
    manifest.files = files(folder)?;
    manifest
        .files
        .retain(|name, _| parts.is_none_or(|parts| parts.contains(&name.split('/').next().unwrap_or(name))));
    let path = folder.join(MANIFEST);
    let bytes = serde_json::to_vec_pretty(&manifest)
        .map_err(|e| SealError::Manifest { path: path.clone(), message: e.to_string() })?;
    fs::write(&path, &bytes).map_err(io(&path))?;
    for (name, content) in [
        (SIGNATURE, key.map(|k| k.0.sign(&bytes).to_bytes().to_vec())),
        (PUBLIC, key.map(|k| k.public().to_pem(&folder.join(PUBLIC))).transpose()?.map(String::into_bytes)),
    ] {
        let path = folder.join(name);
        match content {
            Some(content) => fs::write(&path, content).map_err(io(&path))?,
            // A signature of an earlier list would be a false one.
            None if path.exists() => fs::remove_file(&path).map_err(io(&path))?,
            None => {}
        }
    }
    Ok(manifest)
}

/// Whether a folder is sealed.
pub fn is_sealed(folder: &Path) -> bool {
    [MANIFEST, SIGNATURE, PUBLIC].iter().any(|f| folder.join(f).exists())
}

/// Checks a sealed folder, and whether `trusted` signed it.
///
/// # Errors
/// [`SealError`] where the list cannot be read or names what is no file of the folder.
pub fn check(folder: &Path, trusted: Option<&PublicKey>) -> Result<Checked, SealError> {
    let path = folder.join(MANIFEST);
    let bytes = fs::read(&path).map_err(io(&path))?;
    let wrong = |message: String| SealError::Manifest { path: path.clone(), message };
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|e| wrong(format!("{e}; expected a manifest of format 1")))?;
    if manifest.format != 1 {
        return Err(wrong(format!("found format {}, expected 1", manifest.format)));
    }
    for name in manifest.files.keys() {
        let plain = Path::new(name).components().all(|c| matches!(c, Component::Normal(_)));
        if !plain || name.is_empty() || name.contains('\\') {
            return Err(wrong(format!("found `{name}`, expected a path within the folder")));
        }
    }
    let (signature, public) = (folder.join(SIGNATURE), folder.join(PUBLIC));
    let signed = match (signature.exists(), public.exists()) {
        (false, false) => Signed::None,
        (true, true) => {
            let held = fs::read(&signature).map_err(io(&signature))?;
            match (Signature::from_slice(&held), PublicKey::read(&public)) {
                (Ok(signature), Ok(key)) if key.0.verify_strict(&bytes, &signature).is_ok() => {
                    // The key's own file is part of what is checked: other text around the same key is a change.
                    let same = fs::read_to_string(&public).map_err(io(&public))? == key.to_pem(&public)?;
                    match same {
                        true => Signed::Valid { key: key.id(), trusted: trusted == Some(&key) },
                        false => Signed::Invalid,
                    }
                }
                _ => Signed::Invalid,
            }
        }
        _ => Signed::Invalid,
    };
    let found = files(folder)?;
    let names: BTreeSet<&String> = found.keys().chain(manifest.files.keys()).collect();
    let faults = names
        .into_iter()
        .filter_map(|name| match (manifest.files.get(name), found.get(name)) {
            (Some(listed), Some(held)) if listed == held => None,
            (Some(_), Some(_)) => Some(Fault::Altered(name.clone())),
            (Some(_), None) => Some(Fault::Missing(name.clone())),
            (None, _) => Some(Fault::Added(name.clone())),
        })
        .collect();
    Ok(Checked { manifest, signed, faults })
}

/// What a check of a publication found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Each sealed folder, with what was found in it.
    pub folders: Vec<(PathBuf, Checked)>,
    /// What no seal answers for, in a sentence each.
    pub faults: Vec<String>,
}

impl Publication {
    /// Whether all is as it was sealed; with `trusted`, by that key and down to the last file.
    pub fn is_whole(&self, trusted: bool) -> bool {
        self.faults.is_empty() && self.folders.iter().all(|(_, checked)| checked.is_whole(trusted))
    }
}

/// The folder that is sealed and holds `path`: itself, or one of the three above it.
pub fn enclosing(path: &Path) -> Option<&Path> {
    path.ancestors().take(4).find(|p| p.is_dir() && is_sealed(p))
}

/// Checks what `path` is part of: itself where it or one of its languages is sealed, else, where a key is given, the
/// sealed folder that holds it; `None` where nothing is.
///
/// # Errors
/// [`SealError`] where a list cannot be read.
pub fn check_publication_of(
    path: &Path,
    trusted: Option<&PublicKey>,
) -> Result<Option<Publication>, SealError> {
    let own =
        path.is_dir() && (is_sealed(path) || Lang::ALL.iter().any(|l| is_sealed(&path.join(l.as_str()))));
    if own {
        return check_publication(path, trusted).map(Some);
    }
    // Without a key nothing is asked of the folder around a file.
    let full = trusted.map(|_| fs::canonicalize(path)).transpose().map_err(io(path))?;
    full.as_deref().and_then(enclosing).map(|f| check_publication(f, trusted)).transpose()
}

/// Checks all that lies in a folder: its own seal, and those of its languages.
///
/// A seal names the languages of its report; one that is not there is a fault, and so is a folder of another report or
/// edition. With `trusted`, every file must be in a seal by that key.
///
/// # Errors
/// [`SealError`] where a list cannot be read.
pub fn check_publication(path: &Path, trusted: Option<&PublicKey>) -> Result<Publication, SealError> {
    let whole = is_sealed(path);
    let inner = Lang::ALL.map(|l| (l, path.join(l.as_str())));
    let sealed = inner.iter().filter(|(_, folder)| folder.is_dir() && is_sealed(folder));
    let mut folders = Vec::new();
    for folder in whole.then(|| path.to_owned()).into_iter().chain(sealed.map(|(_, f)| f.clone())) {
        let checked = check(&folder, trusted)?;
        folders.push((folder, checked));
    }
    let mut faults = Vec::new();
    // A language's folder that is checked alone has its siblings elsewhere.
    let named: BTreeSet<Lang> = folders
        .iter()
        .filter(|(folder, checked)| folder != path || checked.manifest.files.keys().any(|f| inner_of(f)))
        .flat_map(|(_, checked)| checked.manifest.languages.iter().copied())
        .collect();
    for (lang, folder) in inner.iter().filter(|(lang, _)| named.contains(lang)) {
        if !folder.is_dir() || !is_sealed(folder) {
            faults.push(format!(
                "the seals name a report in `{lang}`, and `{lang}/` is not there, or not sealed"
            ));
        }
    }
    if !named.is_empty() && !whole {
        faults.push(format!("`{MANIFEST}` of the whole is not there"));
    }
    let of: BTreeSet<(&String, &String)> =
        folders.iter().map(|(_, c)| (&c.manifest.report, &c.manifest.edition)).collect();
    if of.len() > 1 {
        faults.push("the folders are of several reports or editions".to_owned());
    }
    if trusted.is_some() {
        let mut answered: BTreeSet<String> = BTreeSet::new();
        for (folder, checked) in folders.iter().filter(|(_, c)| c.is_signed_by_trusted()) {
            let prefix = match folder.strip_prefix(path).ok().and_then(|p| p.to_str()) {
                None | Some("") => String::new(),
                Some(inner) => format!("{inner}/"),
            };
            let own = [MANIFEST, SIGNATURE, PUBLIC].into_iter().map(str::to_owned);
            answered
                .extend(checked.manifest.files.keys().cloned().chain(own).map(|f| format!("{prefix}{f}")));
        }
        let held = all_files(path)?;
        for name in held.keys().filter(|name| !answered.contains(*name)) {
            faults.push(format!("in no seal by the key that was given: {name}"));
        }
    }
    Ok(Publication { folders, faults })
}

/// Whether a name within a folder is one of a language's own folder.
fn inner_of(name: &str) -> bool {
    Lang::ALL.iter().any(|l| name.split_once('/').is_some_and(|(first, _)| first == l.as_str()))
}

/// Every file below a folder, but for the seal's own.
fn files(folder: &Path) -> Result<BTreeMap<String, FileSeal>, SealError> {
    let mut found = all_files(folder)?;
    found.retain(|name, _| ![MANIFEST, SIGNATURE, PUBLIC].contains(&name.as_str()));
    Ok(found)
}

/// Every file below a folder.
fn all_files(folder: &Path) -> Result<BTreeMap<String, FileSeal>, SealError> {
    let mut found = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((at, prefix)) = open.pop() {
        for entry in fs::read_dir(&at).map_err(io(&at))? {
            let entry = entry.map_err(io(&at))?;
            let path = entry.path();
            let Some(name) = entry.file_name().to_str().map(|n| format!("{prefix}{n}")) else {
                return Err(SealError::Manifest {
                    path,
                    message: "a file name in UTF-8 was expected".into(),
                });
            };
            let kind = entry.file_type().map_err(io(&path))?;
            if kind.is_symlink() {
                return Err(SealError::Manifest {
                    path,
                    message: "found a symbolic link, expected a file".into(),
                });
            }
            if kind.is_dir() {
                open.push((path, format!("{name}/")));
            } else {
                let bytes = fs::read(&path).map_err(io(&path))?;
                let seal =
                    FileSeal { blake3: blake3::hash(&bytes).to_hex().to_string(), bytes: bytes.len() as u64 };
                found.insert(name, seal);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, Key) {
        let dir = tempfile::tempdir().unwrap();
        let report = dir.path().join("report");
        fs::create_dir_all(report.join("data")).unwrap();
        fs::write(report.join("index.html"), "<p>50,000</p>").unwrap();
        fs::write(report.join("data/claims.json"), "{\"a\": 1}").unwrap();
        let key = Key::generate(&dir.path().join("key.pem")).unwrap();
        let manifest = Manifest { report: "syr".into(), edition: "e".into(), ..Manifest::default() };
        seal(&report, manifest, Some(&key)).unwrap();
        (dir, key)
    }

    fn whole(folder: &Path, key: &Key) -> bool {
        check(folder, Some(&key.public())).is_ok_and(|c| c.is_whole(true))
    }

    #[test]
    fn every_byte_of_a_sealed_folder_counts() {
        let (dir, key) = folder();
        let report = dir.path().join("report");
        assert!(whole(&report, &key));
        for name in ["index.html", "data/claims.json", MANIFEST, SIGNATURE, PUBLIC] {
            let path = report.join(name);
            let bytes = fs::read(&path).unwrap();
            for i in 0..bytes.len() {
                let mut other = bytes.clone();
                other[i] ^= 1;
                fs::write(&path, &other).unwrap();
                assert!(!whole(&report, &key), "byte {i} of {name}");
            }
            for other in [&bytes[..bytes.len() - 1], &[&bytes[..], b"\n"].concat()] {
                fs::write(&path, other).unwrap();
                assert!(!whole(&report, &key), "length of {name}");
            }
            fs::remove_file(&path).unwrap();
            assert!(!whole(&report, &key), "{name} removed");
            fs::write(&path, &bytes).unwrap();
        }
        assert!(whole(&report, &key));
        fs::write(report.join("more.txt"), "").unwrap();
        assert_eq!(check(&report, None).unwrap().faults, [Fault::Added("more.txt".into())]);
    }

    /// Two languages and a list of references, as a build writes them.
    fn publication() -> (tempfile::TempDir, Key, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let key = Key::generate(&dir.path().join("key.pem")).unwrap();
        let manifest = Manifest {
            report: "syr".into(),
            edition: "e".into(),
            languages: Lang::ALL.to_vec(),
            ..Manifest::default()
        };
        for lang in Lang::ALL {
            let folder = out.join(lang.as_str());
            fs::create_dir_all(folder.join("data")).unwrap();
            fs::write(folder.join("index.html"), lang.as_str()).unwrap();
            fs::write(folder.join("data/claims.json"), "{}").unwrap();
            seal(&folder, manifest.clone(), Some(&key)).unwrap();
        }
        fs::write(out.join("references.bib"), "@book{a}").unwrap();
        fs::write(out.join("notes.txt"), "mine").unwrap();
        let made = seal_only(&out, &["nl", "en", "references.bib"], manifest, Some(&key)).unwrap();
        assert!(!made.files.contains_key("notes.txt") && made.files.contains_key("nl/manifest.json"));
        fs::remove_file(out.join("notes.txt")).unwrap();
        (dir, key, out)
    }

    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => copy(&entry.path(), &target),
                false => assert!(fs::copy(entry.path(), &target).is_ok()),
            }
        }
    }

    #[test]
    fn a_publication_is_sealed_down_to_the_last_file() {
        let (dir, key, out) = publication();
        let whole = |path: &Path| {
            check_publication(path, Some(&key.public()))
                .is_ok_and(|p| p.is_whole(true) && !p.folders.is_empty())
        };
        assert!(whole(&out) && whole(&out.join("nl")));
        assert_eq!(enclosing(&out.join("nl/data/claims.json")), Some(out.join("nl").as_path()));
        type Break = fn(&Path);
        let unsigned = |folder: &Path| {
            for name in [MANIFEST, SIGNATURE, PUBLIC] {
                let _ = fs::remove_file(folder.join(name));
            }
        };
        let faults: [(&str, Break); 6] = [
            ("a language of other words without a seal", |p| {
                fs::write(p.join("nl/index.html"), "other").unwrap();
                for name in [MANIFEST, SIGNATURE, PUBLIC] {
                    fs::remove_file(p.join("nl").join(name)).unwrap();
                }
            }),
            ("a language that is gone", |p| fs::remove_dir_all(p.join("nl")).unwrap()),
            ("a page beside the languages", |p| fs::write(p.join("index.html"), "foreign").unwrap()),
            ("other references", |p| fs::write(p.join("references.bib"), "@book{b}").unwrap()),
            ("references that are gone", |p| fs::remove_file(p.join("references.bib")).unwrap()),
            ("a file within a language", |p| fs::write(p.join("en/data/more.csv"), "").unwrap()),
        ];
        for (what, make) in faults {
            let other = dir.path().join("other");
            copy(&out, &other);
            make(&other);
            assert!(!whole(&other), "{what}");
            // Without the seal of the whole it is found as well.
            unsigned(&other);
            assert!(!whole(&other), "{what}, without the seal of the whole");
            fs::remove_dir_all(&other).unwrap();
        }
        // A folder of another edition, by the same key, in the place of one that was published.
        let other = dir.path().join("other");
        copy(&out, &other);
        unsigned(&other);
        let early = Manifest { report: "syr".into(), edition: "d".into(), ..Manifest::default() };
        seal(&other.join("nl"), early, Some(&key)).unwrap();
        assert!(!whole(&other));
        // A whole that another key sealed.
        let stranger = Key::generate(&dir.path().join("stranger.pem")).unwrap();
        let manifest = Manifest { report: "syr".into(), ..Manifest::default() };
        seal(&other, manifest, Some(&stranger)).unwrap();
        assert!(!whole(&other));
    }

    #[test]
    fn another_key_is_told() {
        let (dir, key) = folder();
        let report = dir.path().join("report");
        let other = Key::generate(&dir.path().join("other.pem")).unwrap();
        let again = Manifest { report: "syr".into(), ..Manifest::default() };
        seal(&report, again, Some(&other)).unwrap();
        assert!(!whole(&report, &key) && whole(&report, &other));
        let checked = check(&report, Some(&key.public())).unwrap();
        assert_eq!(checked.signed, Signed::Valid { key: other.public().id(), trusted: false });
        assert!(matches!(Key::generate(&dir.path().join("key.pem")), Err(SealError::Exists(_))));
        assert_eq!(Key::read(&dir.path().join("key.pem")).unwrap().public(), key.public());
        assert_eq!(PublicKey::read(&dir.path().join("key.pem.pub.pem")).unwrap(), key.public());
    }

    #[test]
    fn a_list_that_leads_elsewhere_is_refused() {
        let (dir, _) = folder();
        let report = dir.path().join("report");
        for name in ["../key.pem", "/etc/passwd", "a\\b", "", "a/../../b"] {
            let seal = FileSeal { blake3: String::new(), bytes: 0 };
            let manifest =
                Manifest { format: 1, files: [(name.to_owned(), seal)].into(), ..Manifest::default() };
            fs::write(report.join(MANIFEST), serde_json::to_vec(&manifest).unwrap()).unwrap();
            assert!(matches!(check(&report, None), Err(SealError::Manifest { .. })), "{name}");
        }
        fs::write(report.join(MANIFEST), "[").unwrap();
        assert!(check(&report, None).is_err());
    }
}
