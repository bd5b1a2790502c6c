CREATE INDEX processes_stuck ON kernel.processes (begun_at, id) WHERE state = 'stuck';
