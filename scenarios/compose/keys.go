package compose

import (
	"fmt"
	"reflect"
	"strings"
)

// fate is what becomes of a key.
type fate int

const (
	refused fate = iota // leakcheck does not start such a container
	done                // it is given to the container
	aside               // of no matter here: it is about running for long, or seen from outside
	told                // left out, and said so
)

// serviceKeys are those of a service that are not refused.
var serviceKeys = map[string]fate{
	"build": done, "command": done, "configs": done, "container_name": done, "cpus": done, "depends_on": done,
	"deploy": done, "entrypoint": done, "env_file": done, "environment": done, "expose": done, "extra_hosts": done,
	"healthcheck": done, "image": done, "init": done, "mem_limit": done, "networks": done, "platform": done,
	"ports": done, "pull_policy": done, "read_only": done, "scale": done, "secrets": done, "shm_size": done, "tmpfs": done,
	"user": done, "volumes": done, "working_dir": done,

	"annotations": aside, "attach": aside, "develop": aside, "extends": aside, "label_file": aside, "labels": aside,
	"log_driver": aside, "log_opt": aside, "logging": aside, "name": aside, "pre_stop": aside, "profiles": aside,
	"restart": aside, "stdin_open": aside, "stop_grace_period": aside, "stop_signal": aside, "tty": aside,

	"blkio_config": told, "cap_drop": told, "cgroup": told, "cgroup_parent": told, "cpu_count": told,
	"cpu_percent": told, "cpu_period": told, "cpu_quota": told, "cpu_rt_period": told, "cpu_rt_runtime": told,
	"cpu_shares": told, "cpuset": told, "dns": told, "dns_opt": told, "dns_search": told, "domainname": told,
	"group_add": told, "hostname": told, "mac_address": told, "mem_reservation": told, "mem_swappiness": told,
	"memswap_limit": told, "oom_kill_disable": told, "oom_score_adj": told, "pids_limit": told,
	"security_opt": told, "storage_opt": told, "sysctls": told, "ulimits": told,
}

// buildKeys are those of a build that are not refused.
var buildKeys = map[string]fate{
	"args": done, "context": done, "dockerfile": done, "target": done,

	"cache_from": aside, "cache_to": aside, "labels": aside, "no_cache": aside, "platforms": aside,
	"provenance": aside, "pull": aside, "sbom": aside, "tags": aside,
}

// keys holds a service to what can be done.
func (r *resolver) keys(name string) {
	c := r.project.Services[name]
	r.each([]string{"services", name}, reflect.ValueOf(c), serviceKeys)
	if c.Build != nil {
		r.each([]string{"services", name, "build"}, reflect.ValueOf(*c.Build), buildKeys)
	}
}

// each looks at those of v's fields that are set, by their yaml tags.
func (r *resolver) each(path []string, v reflect.Value, fates map[string]fate) {
	for i := range v.NumField() {
		key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if key == "" || key == "-" || strings.HasPrefix(key, "#") || empty(v.Field(i)) {
			continue
		}
		r.meet(append(path[:len(path):len(path)], key), fates[key])
	}
}

func (r *resolver) meet(path []string, f fate) {
	at := strings.Join(path, ".")
	switch f {
	case refused:
		r.refuse(path, "leave it out in a Compose file for leakcheck, or describe the service under services:", "%s is not supported", at)
	case told:
		p := r.problem(path, "", "")
		r.notes = append(r.notes, fmt.Sprintf("%s:%d: %s is left out", p.File, p.Line, at))
	}
}

func (r *resolver) refuse(path []string, hint, format string, args ...any) {
	r.problems = append(r.problems, r.problem(path, fmt.Sprintf(format, args...), hint))
}

// empty reports whether a value is as good as not given.
func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	}
	return v.IsZero()
}
