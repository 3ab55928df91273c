-- What the engine keeps. Integers in the unit that their name says; times are Unix microseconds.
-- A change is a new section `-- version N` at the end: files of every older version are brought
-- up to date when they are opened (store.py), so a section is never edited once released.

-- version 1

CREATE TABLE nodes (  -- the last status of each node
    node_id INTEGER PRIMARY KEY,
    boot_id INTEGER NOT NULL,
    state INTEGER NOT NULL,  -- wire.STATE_*
    lat_udeg INTEGER NOT NULL,
    lon_udeg INTEGER NOT NULL,
    elevation_m INTEGER NOT NULL,
    sensor INTEGER NOT NULL,  -- wire.SENSOR_*
    clock_error_us INTEGER NOT NULL,
    noise_um_s2 INTEGER NOT NULL,
    gateway_id INTEGER NOT NULL,
    heard_us INTEGER NOT NULL,  -- by the engine's clock
    status_frame BLOB NOT NULL  -- the whole status, as on the wire
);

CREATE TABLE triggers (  -- every message of every detection; columns as in wire.Trigger
    node_id INTEGER NOT NULL,
    boot_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    detection_id INTEGER NOT NULL,
    update_number INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    onset_us INTEGER NOT NULL,
    sample_us INTEGER NOT NULL,
    sent_us INTEGER NOT NULL,
    clock_error_us INTEGER NOT NULL,
    p_quake_permille INTEGER NOT NULL,
    ratio_milli INTEGER NOT NULL,
    pga_um_s2 INTEGER NOT NULL,
    pgv_nm_s INTEGER NOT NULL,
    pd_nm INTEGER NOT NULL,
    noise_um_s2 INTEGER NOT NULL,
    gateway_id INTEGER NOT NULL,
    gateway_received_us INTEGER NOT NULL,
    gateway_sent_us INTEGER NOT NULL,
    received_us INTEGER NOT NULL,
    is_late INTEGER NOT NULL,
    PRIMARY KEY (node_id, boot_id, seq)
) WITHOUT ROWID;

CREATE INDEX triggers_by_time ON triggers (received_us);

CREATE TABLE events (  -- what the last alert of each said
    event_id TEXT PRIMARY KEY,
    category TEXT NOT NULL,
    type TEXT NOT NULL,  -- new, update, cancel, final
    version INTEGER NOT NULL,
    first_issued_us INTEGER NOT NULL,
    last_issued_us INTEGER NOT NULL,
    origin_us INTEGER NOT NULL,
    lat_udeg INTEGER NOT NULL,
    lon_udeg INTEGER NOT NULL,
    depth_m INTEGER NOT NULL,
    magnitude_milli INTEGER NOT NULL,
    max_mmi_milli INTEGER NOT NULL,
    level TEXT NOT NULL,
    nodes_triggered INTEGER NOT NULL
);

CREATE INDEX events_by_time ON events (last_issued_us);

CREATE TABLE alerts (  -- every alert as it was published; after a restart one version may come twice
    alert_id INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    category TEXT NOT NULL,
    issued_us INTEGER NOT NULL,
    document TEXT NOT NULL  -- the JSON line
);

CREATE INDEX alerts_by_event ON alerts (event_id, version);

-- version 2

CREATE TABLE learnt (  -- what the vote knows of its nodes after a long life (recall.py)
    what TEXT PRIMARY KEY,
    document TEXT NOT NULL  -- JSON
);

-- version 3

-- Whether it bore the seal of its node's key: what did not is not heard again where it has to
ALTER TABLE nodes ADD COLUMN is_sealed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE triggers ADD COLUMN is_sealed INTEGER NOT NULL DEFAULT 0;
