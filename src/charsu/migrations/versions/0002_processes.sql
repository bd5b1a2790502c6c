CREATE TABLE kernel.processes (
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    step TEXT NOT NULL,
    data JSONB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER DEFAULT 0 NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE,
    last_problem TEXT,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT processes_pkey PRIMARY KEY (id),
    CONSTRAINT processes_state_known CHECK (state IN ('running', 'done', 'failed', 'stuck')),
    CONSTRAINT processes_ended_at_some_time CHECK ((state IN ('done', 'failed')) = (ended_at IS NOT NULL))
);

CREATE INDEX processes_by_subject ON kernel.processes (subject_id);

CREATE INDEX processes_due ON kernel.processes (due_at) WHERE state = 'running';
