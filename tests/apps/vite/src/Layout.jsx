import { Link, Outlet, useLocation } from "react-router";

export function Layout() {
  const location = useLocation();
  return (
    <>
      <nav>
        <Link to="/">Home</Link> <Link to="/readers/1">Ada</Link> <Link to="/readers/2?tab=books#top">Grace</Link>{" "}
        <Link to="/about">About</Link>
      </nav>
      <Outlet />
      <footer id="place">{location.pathname + location.search + location.hash}</footer>
    </>
  );
}
